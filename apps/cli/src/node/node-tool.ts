/** Runs the tools of a node, which alone know how its shares are kept, as a process with the node's own environment. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { CommandFailure, EXIT, usageError } from '../exit-code';
import { type Stack } from '../stack/stack-file';

const share = z.object({ keyId: z.string(), epoch: z.number() });
const backupResult = z.object({ node: z.string(), file: z.string(), keys: z.array(share) });
const restoreResult = z.object({ node: z.string(), keys: z.array(share) });
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type BackupResult = z.output<typeof backupResult>;
export type RestoreResult = z.output<typeof restoreResult>;

const TOOL = join(__dirname, '..', '..', '..', 'mpc-worker', 'src', 'backup', 'main.js');

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
    throw usageError(`there is no node ${node} here: ${Object.keys(stack.databases.nodes).join(', ')}`);
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', TOOL, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done, failed) => {
      child.on('error', failed);
      child.on('close', done);
    }),
  ]);
  if (code === 0) return answer.parse(JSON.parse(out));
  const reported = failure.safeParse(lastJson(out));
  if (!reported.success) throw new CommandFailure(EXIT.failure, 'node-tool', err.trim() || `status ${code}`);
  throw new CommandFailure(EXIT.failure, reported.data.error.code, reported.data.error.message);
}

function lastJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
