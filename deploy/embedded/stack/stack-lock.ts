import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prettyJson, writeWhole } from '@quorate/deployment';
import { isProcessAlive } from '@quorate/platform';
import { type StackFolders } from '../files/stack-folders';
import { type Progress } from '../terminal/progress';
import { StartFailure } from '../terminal/start-failure';

const CLEAN_UP_LIMIT_MS = 30_000;

interface Holder {
  pid: number;
  /** The process guard lives on after its parent until the last part has ended. */
  guard: number;
}

const lockFile = (folders: StackFolders) => join(folders.run, 'stack.lock');

/** The pid of the stack that uses these folders now. */
export function runningStack(folders: StackFolders): number | undefined {
  const holder = readHolder(folders);
  return holder && isProcessAlive(holder.pid) ? holder.pid : undefined;
}

/**
 * Makes sure that no other stack uses these folders; waits for one that was killed to be cleaned up.
 * @throws StartFailure when one runs
 */
export async function assertNotRunning(folders: StackFolders, progress: Progress): Promise<void> {
  const running = runningStack(folders);
  if (running !== undefined) {
    throw new StartFailure(
      'already-running',
      `an embedded stack runs already on ${folders.root} (process ${running})`,
      `stop it with Ctrl-C, or: kill ${running}`,
    );
  }
  const guard = readHolder(folders)?.guard;
  if (guard === undefined || !isProcessAlive(guard)) return;
  const step = progress.step('waiting for the stack before');
  const deadline = Date.now() + CLEAN_UP_LIMIT_MS;
  while (isProcessAlive(guard) && Date.now() < deadline) await delay(100);
  step.done('ended');
}

/** Marks the folders as used by this process. */
export function holdLock(folders: StackFolders, guard: number): void {
  writeWhole(lockFile(folders), prettyJson({ pid: process.pid, guard } satisfies Holder));
}

export function releaseLock(folders: StackFolders): void {
  rmSync(lockFile(folders), { force: true });
}

function readHolder(folders: StackFolders): Holder | undefined {
  const file = lockFile(folders);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Holder) : undefined;
}
