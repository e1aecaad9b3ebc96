import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { systemErrorCode } from '../errors/system-error';

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
 * Has one process of this machine at a time do something: `file` holds its id meanwhile. What a process that is gone left
 * there is taken over.
 *
 * @param busy makes the error that is thrown while process `holder` is at it
 */
export async function withProcessLock<T>(
  file: string,
  busy: (holder: number) => Error,
  use: () => Promise<T>,
): Promise<T> {
  take(file, busy);
  try {
    return await use();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, busy: (holder: number) => Error): void {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    const holder = Number(readFileSync(file, 'utf8'));
    // Its own number is that of an earlier process: containers give out the same ones again.
    if (holder !== process.pid && isProcessAlive(holder)) throw busy(holder);
    rmSync(file, { force: true });
    take(file, busy);
  }
}
