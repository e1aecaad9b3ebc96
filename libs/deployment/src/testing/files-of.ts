import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file or folder below another one. */
export interface FoundFile {
  /** Below that folder. */
  path: string;
  /** Permissions, as chmod takes them: 600. */
  mode: string;
  uid: number;
  /** undefined for a folder. */
  content: string | undefined;
}

/** All files and folders below `root`, in order. */
export function filesOf(root: string): FoundFile[] {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return paths.map((path) => {
    const stat = statSync(join(root, path));
    return {
      path,
      mode: (stat.mode & 0o777).toString(8),
      uid: stat.uid,
      content: stat.isDirectory() ? undefined : readFileSync(join(root, path), 'utf8'),
    };
  });
}
