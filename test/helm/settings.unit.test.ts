import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deploymentFile, deploymentLayout } from '@quorate/deployment';
import { parseConfig, readJsonFile } from '@quorate/platform';
import { z } from 'zod';
import { auditorConfig } from '../../apps/auditor/src/config';
import { coordinatorConfig } from '../../apps/coordinator/src/configuration';
import { nodeConfig } from '../../apps/mpc-worker/src/config';
import { submitterConfig } from '../../apps/tx-submitter/src/configuration';
import { helmFolder, renderedFile } from '../../deploy/helm/rendering/rendered-chart';
import { prepareConfig } from '../../deploy/prepare/config';
import { deploymentSecrets } from '../../deploy/prepare/deployment-secrets';
import { type InstalledFolder, installedFolder } from './installed-folder';
import { manifestsOf, type Pod, type Workload, workloadsOf } from './manifests';

/** What each program reads its settings with. */
const PROGRAMS = {
  'dist/apps/coordinator/src/main.js': coordinatorConfig,
  'dist/apps/mpc-worker/src/main.js': nodeConfig,
  'dist/apps/tx-submitter/src/main.js': submitterConfig,
  'dist/apps/auditor/src/main.js': auditorConfig,
  'dist/deploy/prepare/main.js': prepareConfig,
};
const COMPONENTS = {
  coordinator: coordinatorConfig,
  node: nodeConfig,
  submitter: submitterConfig,
  auditor: auditorConfig,
};
const program = z.tuple([z.literal('node'), z.literal(Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[])]);

const workloads = workloadsOf(manifestsOf(readFileSync(renderedFile('production.yaml'), 'utf8')));
const named = workloads.map((one) => [one.name, one] as const);

let folder: InstalledFolder;
beforeAll(async () => {
  folder = await installedFolder();
  writeFileSync(
    join(folder.layout.service('submitter').folder, 'rpc.urls'),
    'https://a.example,https://b.example\n',
    { mode: 0o600 },
  );
});
afterAll(() => folder.remove());

/** Path in the container to the file that is mounted there. */
function mounted({ volumes, containers }: Pod): Map<string, string> {
  const objects = folder.apply();
  const authority = new Map([['ca.crt', folder.layout.common.ca]]);
  const content = (kind: string, name: string) => {
    const found = /^(kafka|postgres)-ca$/.test(name) ? authority : objects.get(`${kind} ${name}`);
    if (found === undefined) throw new Error(`apply-deployment.sh makes no ${kind} ${name}`);
    return found;
  };
  const sourcesOf = (name: string) => {
    const volume = volumes.find((one) => one.name === name);
    const { secret, configMap, projected } = volume ?? {};
    return [
      ...(secret === undefined ? [] : [{ of: content('secret', secret.secretName), items: undefined }]),
      ...(configMap === undefined
        ? []
        : [{ of: content('configmap', configMap.name), items: configMap.items }]),
      ...(projected?.sources.map((one) => ({
        of: content('secret', one.secret.name),
        items: one.secret.items,
      })) ?? []),
    ];
  };
  const files = new Map<string, string>();
  for (const { name, mountPath } of containers[0]?.volumeMounts ?? []) {
    for (const { of, items } of sourcesOf(name)) {
      for (const { key, path } of items ?? [...of.keys()].map((key) => ({ key, path: key }))) {
        const file = of.get(key);
        if (file === undefined || !existsSync(file)) throw new Error(`${name}: no key ${key}`);
        files.set(join(mountPath, path), file);
      }
    }
  }
  return files;
}

/** The variables of the image. */
const image: Record<string, string> = Object.fromEntries(
  [
    ...readFileSync(join(helmFolder, '../../Dockerfile'), 'utf8').matchAll(
      /((?:HTTP|GRPC)_[A-Z]+)=([\w.]+)/g,
    ),
  ].flatMap(([, name, value]): [string, string][] =>
    name === undefined || value === undefined ? [] : [[name, value]],
  ),
);

/** The environment of a workload, with the files as they are here. */
function environment({ template: { spec: pod } }: Workload): Record<string, string | undefined> {
  const files = mounted(pod);
  const variables = (pod.containers[0]?.env ?? []).map(({ name, value }): [string, string] => {
    if (!value.startsWith('/etc/quorate/') || name === 'DEPLOYMENT_FOLDER') return [name, value];
    const file = files.get(value);
    if (file === undefined) throw new Error(`${name}: nothing is mounted as ${value}`);
    return [name, file];
  });
  return { ...image, ...Object.fromEntries(variables) };
}

const settingOf = (variable: string) => variable.replace(/_FILE$/, '');
const unknownTo = (schema: { shape: object }, variables: readonly string[]) =>
  variables.filter((name) => !(name in schema.shape) && !(settingOf(name) in schema.shape));

describe.each(named)('%s', (_, workload) => {
  const [container] = workload.template.spec.containers;
  const [, main] = program.parse(container?.command);
  const schema = PROGRAMS[main];

  it('is told nothing that it does not know', () => {
    expect(unknownTo(schema, container?.env.map(({ name }) => name) ?? [])).toEqual([]);
  });

  it('begins with the settings and files that it gets', () => {
    expect(() => parseConfig<z.ZodType>(schema, environment(workload))).not.toThrow();
  });

  it('has the files of others neither mounted nor named', () => {
    const own = folder.layout.service(workload.name).folder;
    const files = [...mounted(workload.template.spec).values()];
    if (workload.kind === 'StatefulSet') {
      for (const file of files) expect([own, folder.layout.common.folder]).toContain(dirname(file));
    }
    for (const file of files) expect(file).not.toContain(folder.layout.authority.folder);
  });
});

describe('prepare', () => {
  const job = workloads.find(({ kind }) => kind === 'Job');

  it('finds everybody whom it prepares Kafka and Postgres for, and no key of theirs', () => {
    const { DEPLOYMENT_FOLDER: mountPath } = Object.fromEntries(
      (job?.template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]),
    );
    const at = join(folder.layout.root, '..', 'mounted');
    const files = job === undefined ? new Map<string, string>() : mounted(job.template.spec);
    for (const [path, file] of files) {
      mkdirSync(dirname(join(at, path)), { recursive: true });
      copyFileSync(file, join(at, path));
    }
    const layout = deploymentLayout(join(at, mountPath ?? ''));
    const deployment = readJsonFile(layout.description, deploymentFile);
    const { passwords, databases, elsewhere } = deploymentSecrets(layout, deployment);
    expect(elsewhere).toEqual([]);
    expect(passwords.size).toBe(2 + 3 + 1 + 1 + 1 + 2);
    expect(databases).toHaveLength(6);
    expect(
      [layout.kafka.admin.certFile, layout.kafka.admin.keyFile, layout.postgres.url].every(existsSync),
    ).toBe(true);
    expect([...files.keys()].filter((path) => /identity|seal|policy|tls/.test(path))).toEqual([]);
  });
});

describe('values.schema.json', () => {
  const names = z.object({ properties: z.record(z.string(), z.unknown()) });
  const settings = z
    .object({ properties: z.object({ settings: z.object({ properties: z.record(z.string(), names) }) }) })
    .parse(JSON.parse(readFileSync(join(helmFolder, 'quorate/values.schema.json'), 'utf8'))).properties
    .settings.properties;

  it.each(Object.entries(COMPONENTS))('lets the %s have settings that there are', (component, schema) => {
    const allowed = Object.keys(settings[component]?.properties ?? {});
    expect(allowed).not.toEqual([]);
    expect(unknownTo(schema, allowed)).toEqual([]);
  });
});

describe('apply-deployment.sh', () => {
  it('shows no secret to who lists processes', () => {
    folder.apply();
    const calls = folder.calls();
    const { layout } = folder;
    for (const file of [
      layout.service('node-1').sealKey,
      layout.service('node-1').kafkaPassword,
      layout.postgres.url,
    ]) {
      expect(calls).not.toContain(readFileSync(file, 'utf8').trim());
    }
    expect(calls).toContain('--namespace quorate apply --server-side');
  });

  it('makes what one cluster needs, where only a node is', () => {
    expect([...folder.apply(['node-2']).keys()]).toEqual([
      'configmap quorate-common',
      'secret quorate-node-2',
    ]);
  });

  it('ends at a name that is none', () => {
    expect(() => folder.apply(['node-9'])).toThrow('has no service node-9');
  });
});
