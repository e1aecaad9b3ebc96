import { resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../exit-code';
import { runServiceTool } from '../service-tool/service-tool';
import { nodesOf, notHere } from '../stack/stack-facts';
import { type Stack } from '../stack/stack-file';

const share = z.object({ keyId: z.string(), epoch: z.number() });
const backupResult = z.object({ node: z.string(), file: z.string(), keys: z.array(share) });
const restoreResult = z.object({ node: z.string(), keys: z.array(share) });
export type BackupResult = z.output<typeof backupResult>;
export type RestoreResult = z.output<typeof restoreResult>;

export function backupNode(
  stack: Stack,
  node: string,
  recoveryKey: string,
  out: string,
): Promise<BackupResult> {
  return runTool(
    stack,
    node,
    ['backup', '--recovery-key', resolve(recoveryKey), '--out', resolve(out)],
    backupResult,
  );
}

export function restoreNode(
  stack: Stack,
  node: string,
  recoveryKey: string,
  from: string,
): Promise<RestoreResult> {
  return runTool(
    stack,
    node,
    ['restore', '--recovery-key', resolve(recoveryKey), '--from', resolve(from)],
    restoreResult,
  );
}

async function runTool<S extends z.ZodType>(
  stack: Stack,
  node: string,
  args: readonly string[],
  answer: S,
): Promise<z.output<S>> {
  const environment = stack.nodeEnvironments[node];
  if (environment === undefined) {
    if (stack.deployment !== undefined && nodesOf(stack).includes(node)) {
      throw notHere(
        `the database of ${node} is not reached`,
        `Run dist/apps/mpc-worker/src/backup/main.js with the environment of ${node}: docs/deployment.md`,
      );
    }
    throw usageError(`there is no node ${node} here: ${nodesOf(stack).join(', ')}`);
  }
  return runServiceTool({ program: 'mpc-worker/src/backup/main.js', args, environment }, answer);
}
