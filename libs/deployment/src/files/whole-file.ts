import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const SECRET = 0o600;
const PUBLIC = 0o644;
const SECRET_FOLDER = 0o700;
const PUBLIC_FOLDER = 0o755;

/** What the names of files end with that are not complete: a process that died left them. */
export const PARTIAL_ENDING = '.partial';

/** Whom a file belongs to, by the numbers of the system. */
export interface Owner {
  uid: number;
  gid: number;
}

/** Who may read a file, and whom it belongs to (default: whoever runs this). */
export interface FileAccess {
  /** Only its owner. */
  secret?: boolean;
  owner?: Owner | undefined;
}

/**
 * Writes a file whole or not at all, also when the machine loses power. Its mode is 0600 when it is secret, 0644 otherwise,
 * before anybody can open it under its name.
 */
export function writeWhole(path: string, content: string, { secret = false, owner }: FileAccess = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}${PARTIAL_ENDING}`;
  const mode = secret ? SECRET : PUBLIC;
  const file = openSync(partial, 'w', mode);
  try {
    // Once more, as the mask of the process counts for the first.
    fchmodSync(file, mode);
    if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}

/** The content of the file; when there is none, that of `create`, which is kept. */
export function keptFile(path: string, create: () => string, access: FileAccess = {}): string {
  if (!existsSync(path)) writeWhole(path, create(), access);
  return readFileSync(path, 'utf8');
}

/** Makes the folder unless it is there, and sees to its mode (0700 when it is secret, 0755 otherwise) and its owner. */
export function keptFolder(path: string, { secret = false, owner }: FileAccess = {}): string {
  mkdirSync(path, { recursive: true, mode: SECRET_FOLDER });
  chmodSync(path, secret ? SECRET_FOLDER : PUBLIC_FOLDER);
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  return path;
}

/** JSON as people read it. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
