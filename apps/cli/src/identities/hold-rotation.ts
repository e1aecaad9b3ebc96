import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CommandFailure, EXIT } from '../exit-code';

/**
 * Keeps the rotation to this process while `use` runs: two at once would replace each other's keys.
 * @param file of the rotation
 * @throws CommandFailure `busy` while another process works on it
 */
export async function holdRotation<T>(file: string, use: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  take(lock);
  try {
    return await use();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): void {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (isAlive(holder)) {
      throw new CommandFailure(
        EXIT.failure,
        'busy',
        `process ${holder} rotates identities here: wait for it, or remove ${lock}`,
      );
    }
    rmSync(lock, { force: true });
    take(lock);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return Reflect.get(Object(error), 'code');
}
