import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './project-root';

/** Where one embedded stack keeps its things (absolute paths). `reset` removes all but the cache. */
export interface StackFolders {
  root: string;
  data: string;
  run: string;
  logs: string;
}

/** The folders below `root` (default `.quorate` of the project), created when missing. */
export function stackFolders(root = join(projectRoot(), '.quorate')): StackFolders {
  const folders = { root, data: join(root, 'data'), run: join(root, 'run'), logs: join(root, 'logs') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  // Postgres runs as its own user when we are root, and must reach its folder below these.
  for (const folder of [folders.root, folders.data]) chmodSync(folder, 0o755);
  return folders;
}

/** Downloads that all clones and test runs of this user share: QUORATE_CACHE, or quorate in the user's cache folder. */
export function cacheFolder(): string {
  const folder =
    process.env['QUORATE_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'quorate');
  mkdirSync(folder, { recursive: true });
  return folder;
}
