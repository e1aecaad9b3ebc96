/** Files that get a new content in two steps: written beside the one in use, and put in its place when everybody expects it. */
import { existsSync, renameSync, statSync } from 'node:fs';
import { type FileAccess, writeWhole } from '@quorate/deployment';

const SECRET_BITS = 0o077;

/** Where the new content of a file lies until it takes its place. */
export function stagedPath(file: string): string {
  return `${file}.next`;
}

/** As the file is: who owns it, and whether others may read it. A file that is not there will be secret. */
export function accessOf(file: string): FileAccess {
  if (!existsSync(file)) return { secret: true };
  const { uid, gid, mode } = statSync(file);
  return { secret: (mode & SECRET_BITS) === 0, owner: { uid, gid } };
}

/** Writes what shall take the place of the file, with the rights that the file has. */
export function stage(file: string, content: string): string {
  writeWhole(stagedPath(file), content, accessOf(file));
  return file;
}

/** Puts what was staged in its place; what is there already stays. */
export function putInPlace(files: readonly string[]): void {
  for (const file of files) {
    if (existsSync(stagedPath(file))) renameSync(stagedPath(file), file);
  }
}

/** Replaces the content of a file at once, whole, with the rights that it has. */
export function replace(file: string, content: string): void {
  writeWhole(file, content, accessOf(file));
}
