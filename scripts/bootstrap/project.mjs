import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Installs and builds what is missing: afterwards everything in dist/ can be run. */
export async function prepareProject() {
  await ensureDependencies(root);
  await ensureBuilt(root);
}

/** Runs a built program inside this process, so that signals and the exit code are its own. */
export async function runBuilt(path) {
  await import(pathToFileURL(join(root, 'dist', path)).href);
}
