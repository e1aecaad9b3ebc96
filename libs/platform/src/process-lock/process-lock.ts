import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemErrorCode } from '../errors/system-error';

/** Folders of the locks that this process has. */
const held = new Set<string>();

/** Whether a process of this machine has this id; one of another user counts, though it cannot be signalled. */
export function isProcessAlive(pid: number): boolean {
  // To kill(2), 0 and negative numbers are groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/**
 * Has one process of this machine at a time do something. Each that wants to puts a file with its id as the name into
 * `folder` and then looks who else is there, so that of two at least one sees the other; of those that come at the same
 * moment, all may be refused. What a process that is gone left there is removed.
 *
 * @param busy makes the error that is thrown while process `holder` is at it
 */
export async function withProcessLock<T>(
  folder: string,
  busy: (holder: number) => Error,
  use: () => Promise<T>,
): Promise<T> {
  const lock = resolve(folder);
  if (held.has(lock)) throw busy(process.pid);
  held.add(lock);
  try {
    claim(lock);
    const other = otherHolder(lock);
    if (other !== undefined) throw busy(other);
    return await use();
  } finally {
    release(lock);
    held.delete(lock);
  }
}

function claim(lock: string): void {
  for (;;) {
    mkdirSync(lock, { recursive: true, mode: 0o700 });
    try {
      // Its own number may be there, of an earlier process: containers give out the same ones again.
      writeFileSync(join(lock, String(process.pid)), '', { mode: 0o600 });
      return;
    } catch (error) {
      // Another process has just removed the folder.
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}

function otherHolder(lock: string): number | undefined {
  for (const name of readdirSync(lock)) {
    const pid = Number(name);
    if (pid === process.pid) continue;
    if (isProcessAlive(pid)) return pid;
    rmSync(join(lock, name), { force: true });
  }
  return undefined;
}

function release(lock: string): void {
  rmSync(join(lock, String(process.pid)), { force: true });
  try {
    rmdirSync(lock);
  } catch (error) {
    // Others are there, or have removed it.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error;
  }
}
