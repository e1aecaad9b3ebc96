import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Conflict, Invalid, withProcessLock } from '@quorate/platform';
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
  const busy = (holder: number): Error =>
    new Conflict('busy', `process ${holder} works on this folder: wait for it, or remove ${lock}`);
  return withProcessLock(lock, busy, () => {
    removePartial(root);
    return use();
  });
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

function removePartial(root: string): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (file.isFile() && file.name.endsWith(PARTIAL_ENDING)) rmSync(join(file.parentPath, file.name));
  }
}
