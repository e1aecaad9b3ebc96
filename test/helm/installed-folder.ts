/** A folder of `quorate init`, and what deploy/helm/apply-deployment.sh makes of it in a cluster. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeploymentLayout, makeDeployment } from '@quorate/deployment';
import { helmFolder } from '../../deploy/helm/rendering/rendered-chart';

/** Instead of kubectl: notes what it is called with, and prints nothing. */
const KUBECTL = `#!/bin/sh
printf '%s\\n' "$*" >> "$KUBECTL_CALLS"
cat > /dev/null < /dev/null
`;

/** A Secret or ConfigMap: its keys, and the file that each is of. */
export type KubernetesObject = ReadonlyMap<string, string>;

export interface InstalledFolder {
  layout: DeploymentLayout;
  /** By `secret NAME` and `configmap NAME`. */
  apply: (kids?: readonly string[]) => ReadonlyMap<string, KubernetesObject>;
  /** What kubectl was called with, a line each. */
  calls: () => string;
  remove: () => void;
}

/** The folder of the installation in examples/production.yaml. */
export async function installedFolder(): Promise<InstalledFolder> {
  const root = mkdtempSync(join(tmpdir(), 'quorate-helm-'));
  const ports = { kafka: 9092, chain: 8545, grpc: 50051, coordinator: 8081, submitter: 8082, auditor: 8083 };
  const { layout } = await makeDeployment(
    join(root, 'deployment'),
    {
      nodes: 3,
      coordinators: 2,
      clients: ['shop', 'treasury'],
      chainId: '1',
      postgres: 'db.example.org:5432',
    },
    { user: { uid: 1000, gid: 1000 }, ports: { ...ports, nodes: [] }, variables: {} },
  );
  const bin = join(root, 'bin');
  const log = join(root, 'calls');
  mkdirSync(bin);
  writeFileSync(join(bin, 'kubectl'), KUBECTL);
  chmodSync(join(bin, 'kubectl'), 0o755);

  const apply = (kids: readonly string[] = []) => {
    writeFileSync(log, '');
    const { status, stderr } = spawnSync(
      join(helmFolder, 'apply-deployment.sh'),
      [layout.root, 'quorate', ...kids],
      { encoding: 'utf8', env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, KUBECTL_CALLS: log } },
    );
    if (status !== 0) throw new Error(stderr);
    return objectsOf(readFileSync(log, 'utf8'));
  };
  return {
    layout,
    apply,
    calls: () => readFileSync(log, 'utf8'),
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** `create secret generic NAME --from-file=KEY=FILE ...`, `create configmap NAME --from-file=FOLDER` */
function objectsOf(calls: string): Map<string, KubernetesObject> {
  const objects = new Map<string, KubernetesObject>();
  for (const line of calls.split('\n')) {
    const [verb, ...words] = line.split(' ').filter((word) => word !== 'generic');
    const [kind = '', name = '', ...options] = words;
    if (verb !== 'create') continue;
    const files = options.flatMap((option) => /^--from-file=(.+)$/.exec(option)?.[1] ?? []);
    objects.set(`${kind} ${name}`, new Map(files.flatMap(keysOf)));
  }
  return objects;
}

function keysOf(fromFile: string): [string, string][] {
  const [key, file] = fromFile.split('=');
  if (key !== undefined && file !== undefined) return [[key, file]];
  return readdirSync(fromFile).map((name) => [name, join(fromFile, name)]);
}
