import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  EXAMPLES,
  hasHelm,
  helmFolder,
  helmTemplate,
  renderedFile,
  renderExample,
  sourceDigest,
} from '../../deploy/helm/rendering/rendered-chart';
import { type Manifest, manifestsOf, selects, type Workload, workloadsOf } from './manifests';

const schemas = z
  .object({
    kinds: z.record(z.string(), z.object({ $ref: z.string() })),
    $defs: z.record(z.string(), z.any()),
  })
  .parse(JSON.parse(readFileSync(join(helmFolder, 'schemas/kubernetes-1.27.json'), 'utf8')));

/** What Kubernetes 1.27 says to an object; fields that it does not know are wrong. */
function kubernetesSchema(kind: string): z.ZodType {
  const root = schemas.kinds[kind];
  if (root === undefined) throw new Error(`no schema of ${kind}: add it to deploy/helm/schemas/extract.mjs`);
  return z.fromJSONSchema({ ...root, $defs: schemas.$defs });
}

const rendered = EXAMPLES.map((example) => {
  const text = readFileSync(renderedFile(example), 'utf8');
  const manifests = manifestsOf(text);
  return { example, text, manifests, workloads: workloadsOf(manifests) };
});
const workloads = rendered.flatMap(({ example, workloads: all }) =>
  all.map((one) => [`${example}: ${one.name}`, one] as const),
);
const services = workloads.filter(([, { kind }]) => kind === 'StatefulSet');
const whole = rendered.find(({ example }) => example === 'production.yaml');

describe('the chart', () => {
  it('has the version of the project', () => {
    const version = z.object({ version: z.string(), appVersion: z.string() });
    const { appVersion } = version.parse(parse(readFileSync(join(helmFolder, 'quorate/Chart.yaml'), 'utf8')));
    const project = z.object({ version: z.string() });
    expect(appVersion).toBe(
      project.parse(JSON.parse(readFileSync(join(helmFolder, '../../package.json'), 'utf8'))).version,
    );
  });

  it.each(rendered)('rendered $example is of the chart and the values as they are', ({ example, text }) => {
    expect(text.split('\n')[0]).toBe(`# chart and values: sha256 ${sourceDigest(example)}`);
  });

  it.each(rendered.flatMap(({ example, manifests }) => manifests.map((one) => ({ example, one }))))(
    '$example: $one.kind $one.metadata.name is what Kubernetes takes',
    ({ one }) => {
      expect(kubernetesSchema(one.kind).safeParse(one.text).error?.issues).toBeUndefined();
    },
  );

  it('would be refused with a field that Kubernetes does not know', () => {
    const [any] = whole?.manifests ?? [];
    const wrong = { ...z.looseObject({}).parse(any?.text), sepc: {} };
    expect(kubernetesSchema(any?.kind ?? '').safeParse(wrong).success).toBe(false);
  });
});

if (hasHelm()) {
  describe('Helm', () => {
    it.each(EXAMPLES)('renders %s as it is checked in', (example) => {
      expect(renderExample(example)).toBe(readFileSync(renderedFile(example), 'utf8'));
    });

    const production = ['--values', join(helmFolder, 'examples/production.yaml')];
    it.each([
      ['settings.node.STOCK_TARGET=1', "additional properties 'STOCK_TARGET' not allowed"],
      ['logLevel=loud', "at '/logLevel': value must be one of"],
      ['nodes[0].name=Node_1', "at '/nodes/0/name': 'Node_1' does not match pattern"],
      ['nodes[0].name=node-2', 'node-2 is there twice'],
      ['kafka.brokers[0]=kafka', "at '/kafka/brokers/0'"],
      ['chain.rpcUrlsFile=', "at '/chain'"],
      ['chain.rpcUrls[0]=https://user:password@rpc.example.org', "at '/chain/rpcUrls/0'"],
      ['prepare.kafka.brokers=null', "set the administrator's username"],
      ['image.digest=sha256:12', "at '/image/digest'"],
      ['password=1', "additional properties 'password' not allowed"],
    ])('refuses %s', (value, reason) => {
      expect(() => helmTemplate([...production, '--set', value])).toThrow(reason);
    });

    it('renders what is off by default', () => {
      const options = [
        'control.loadBalancer.enabled=true',
        'control.loadBalancer.annotations.example\\.org/scope=internal',
        'serviceMonitor.enabled=true',
        `image.digest=sha256:${'0'.repeat(64)}`,
        'image.pullSecrets[0]=registry',
        'scheduling.nodeAntiAffinity=preferred',
        'scheduling.priorityClassName=high',
        'scheduling.tolerations[0].operator=Exists',
        'prepare.kafka.username=admin',
        'kafka.topicPrefix=pay.',
        'networkPolicy.ingress.control.from[0].ipBlock.cidr=192.0.2.0/24',
      ];
      const manifests = manifestsOf(helmTemplate([...production, '--set', options.join(',')]));
      for (const one of manifests.filter(({ kind }) => kind !== 'ServiceMonitor')) {
        expect(kubernetesSchema(one.kind).safeParse(one.text).error?.issues).toBeUndefined();
      }
      const names = (kind: string) =>
        manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
      expect(names('ServiceMonitor')).toEqual(['quorate']);
      expect(names('Service')).toEqual(
        expect.arrayContaining(['coordinator-1-control', 'coordinator-2-control']),
      );
      for (const { template } of workloadsOf(manifests)) {
        const [container] = template.spec.containers;
        expect(container?.image).toBe(`registry.example.org/quorate@sha256:${'0'.repeat(64)}`);
        expect(container?.env.find(({ name }) => name === 'KAFKA_SASL_USERNAME')?.value).toMatch(
          /^(pay\.\S+|admin)$/,
        );
      }
    });

    it('leaves the network alone where others see to it', () => {
      const manifests = manifestsOf(helmTemplate([...production, '--set', 'networkPolicy.enabled=false']));
      expect(manifests.some(({ kind }) => kind === 'NetworkPolicy')).toBe(false);
    });

    it('wants what has no default', () => {
      expect(() => helmTemplate([])).toThrow("at '/kafka/brokers': minItems: got 0, want 1");
    });

    it('refuses nodes without coordinators', () => {
      const oneNode = ['--values', join(helmFolder, 'examples/one-node.yaml')];
      expect(() => helmTemplate([...oneNode, '--set-json', 'control.addresses=[]'])).toThrow(
        'nodes need coordinators',
      );
    });
  });
}

describe.each(workloads)('%s', (_, { template }) => {
  const { spec: pod } = template;
  const [container] = pod.containers;

  it('is an ordinary user with no rights and nothing to write to', () => {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const writable = container?.volumeMounts.filter(({ readOnly }) => readOnly !== true);
    expect(writable).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  it('reads Secrets from files that its user alone reads', () => {
    for (const { secret, projected } of pod.volumes) {
      for (const mode of [secret?.defaultMode, projected?.defaultMode])
        expect([undefined, 0o440]).toContain(mode);
    }
    expect(pod.volumes.some(({ secret, projected }) => (secret ?? projected) !== undefined)).toBe(true);
  });

  it('has every volume that it mounts', () => {
    const names = pod.volumes.map(({ name }) => name).sort();
    expect(container?.volumeMounts.map(({ name }) => name).sort()).toEqual(names);
  });
});

describe.each(services)('%s', (_, { name, template, ...set }) => {
  const [container] = template.spec.containers;

  it('is there once, and answers before anybody talks to it', () => {
    expect(set).toMatchObject({ replicas: 1, serviceName: name });
    expect(container).toMatchObject({
      startupProbe: { httpGet: { path: '/healthz', port: 'http' } },
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    });
    expect(container?.ports).toContainEqual({ name: 'http', containerPort: 8080 });
  });

  it('has time for an orderly end', () => {
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  it('is what its own selector selects', () => {
    expect(selects(set.selector?.matchLabels ?? {}, template.metadata.labels)).toBe(true);
  });
});

/** Of the whole installation: podSelector.matchLabels of an object, and the pods that it selects. */
const selected = (selector: Record<string, string>) =>
  (whole?.workloads ?? []).filter(({ template }) => selects(selector, template.metadata.labels));
const ofKind = (kind: string): Manifest[] => (whole?.manifests ?? []).filter((one) => one.kind === kind);
const component = ({ template }: Workload) => template.metadata.labels['app.kubernetes.io/component'];

describe('an installation', () => {
  it('has a Service for each service, with the ports that its pod has', () => {
    const spec = z.object({
      selector: z.record(z.string(), z.string()),
      ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
    });
    for (const service of ofKind('Service')) {
      const { selector, ports } = spec.parse(service.spec);
      const pods = selected(selector);
      expect(pods.map(({ name }) => name)).toEqual([service.metadata.name]);
      const open = pods[0]?.template.spec.containers[0]?.ports ?? [];
      expect(ports.map(({ port, targetPort }) => ({ name: targetPort, containerPort: port }))).toEqual(open);
    }
    expect(ofKind('Service')).toHaveLength(ofKind('StatefulSet').length);
  });

  it('loses one node and one coordinator at a time', () => {
    const spec = z.strictObject({
      maxUnavailable: z.literal(1),
      selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    });
    const budgets = ofKind('PodDisruptionBudget').map((one) =>
      selected(spec.parse(one.spec).selector.matchLabels).map(({ name }) => name),
    );
    expect(budgets).toEqual([
      ['coordinator-1', 'coordinator-2'],
      ['node-1', 'node-2', 'node-3'],
    ]);
  });

  it('has no two nodes on one machine, and updates none by itself', () => {
    const rule = z.object({
      podAntiAffinity: z.object({
        requiredDuringSchedulingIgnoredDuringExecution: z.tuple([
          z.object({
            topologyKey: z.literal('kubernetes.io/hostname'),
            labelSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
          }),
        ]),
      }),
    });
    const nodes = (whole?.workloads ?? []).filter((one) => component(one) === 'node');
    expect(nodes).toHaveLength(3);
    for (const node of nodes) {
      const [{ labelSelector }] = rule.parse(node.template.spec.affinity).podAntiAffinity
        .requiredDuringSchedulingIgnoredDuringExecution;
      expect(selected(labelSelector.matchLabels)).toEqual(nodes);
      expect(node.updateStrategy).toEqual({ type: 'OnDelete' });
    }
  });
});
