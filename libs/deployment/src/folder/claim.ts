import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Conflict, Invalid, systemErrorCode } from '@quorate/platform';
import { PARTIAL_ENDING } from '../files/whole-file';
import { deploymentLayout } from './layout';

const LOCK = 'init.lock';

/**
 * Keeps the folder to this process while `use` runs, and removes what an interrupted run left half-written.
 * @throws Invalid `folder` for one that holds something else, Conflict `busy` while another process works on it
 */
export async function withFolder<T>(root: string, use: () => Promise<T>): Promise<T> {
  assertOurs(root);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = join(root, LOCK);
  hold(lock);
  try {
    removePartial(root);
    return await use();
  } finally {
    rmSync(lock, { force: true });
  }
}

function assertOurs(root: string): void {
  if (!existsSync(root) || existsSync(deploymentLayout(root).description)) return;
  const others = readdirSync(root).filter((name) => name !== LOCK && !name.endsWith(PARTIAL_ENDING));
  if (others.length === 0) return;
  throw new Invalid(
    'folder',
    `${root} holds something else (${others.slice(0, 3).join(', ')}): name a folder that is empty or does not exist`,
  );
}

function hold(lock: string): void {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (isAlive(holder)) {
      throw new Conflict('busy', `process ${holder} works on this folder: wait for it, or remove ${lock}`);
    }
    rmSync(lock, { force: true });
    hold(lock);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

function removePartial(root: string): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (file.isFile() && file.name.endsWith(PARTIAL_ENDING)) rmSync(join(file.parentPath, file.name));
  }
}
