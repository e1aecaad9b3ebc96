import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's root folder, found upwards from this file: the same from sources and from dist/. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package-lock.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package-lock.json above ${__dirname}`);
    folder = parent;
  }
  return folder;
}
