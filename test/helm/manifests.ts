/** Kubernetes objects, as far as the checks of the chart look at them; what they are beside that, Kubernetes' own schemas say. */
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const items = z.array(z.object({ key: z.string(), path: z.string() }));

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  imagePullPolicy: z.string(),
  command: z.array(z.string()),
  // Values only: no field `valueFrom`, which could name a Secret.
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  securityContext: z.unknown(),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});
export type Container = z.output<typeof container>;

const volume = z.strictObject({
  name: z.string(),
  emptyDir: z.unknown().optional(),
  configMap: z.object({ name: z.string(), items: items.optional() }).optional(),
  secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
  projected: z
    .object({
      defaultMode: z.number(),
      sources: z.array(z.strictObject({ secret: z.object({ name: z.string(), items }) })),
    })
    .optional(),
});
export type Volume = z.output<typeof volume>;

/** Strict: a field that gives rights, such as hostNetwork, is none of these. */
const pod = z.strictObject({
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.boolean(),
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.unknown(),
  nodeSelector: z.unknown().optional(),
  affinity: z.unknown().optional(),
  topologySpreadConstraints: z.unknown().optional(),
  tolerations: z.unknown().optional(),
  priorityClassName: z.string().optional(),
  imagePullSecrets: z.unknown().optional(),
  restartPolicy: z.string().optional(),
  containers: z.array(container).length(1),
  volumes: z.array(volume),
});
export type Pod = z.output<typeof pod>;

const manifest = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string(), labels }),
  spec: z.looseObject({}),
});
export type Manifest = z.output<typeof manifest> & { text: unknown };

const workload = z.object({
  replicas: z.literal(1).optional(),
  serviceName: z.string().optional(),
  updateStrategy: z.object({ type: z.string() }).optional(),
  selector: z.object({ matchLabels: labels }).optional(),
  template: z.object({ metadata: z.object({ labels }), spec: pod }),
});
export type Workload = z.output<typeof workload> & { kind: string; name: string };

/** The objects of a file. Helm reads YAML 1.1, where 0440 is octal. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const content: unknown = document.toJS();
    return { ...manifest.parse(content), text: content };
  });
}

/** What has pods, as far as it is known: a pod that has more fields which matter here does not pass. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests
    .filter(({ kind }) => kind === 'StatefulSet' || kind === 'Job')
    .map(({ kind, metadata, spec }) => ({ ...workload.parse(spec), kind, name: metadata.name }));
}

/** Whether pods with these labels are selected. */
export function selects(selector: Record<string, string>, of: Record<string, string>): boolean {
  return Object.entries(selector).every(([name, value]) => of[name] === value);
}
