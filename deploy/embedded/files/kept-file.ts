import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE = 0o600;
const PUBLIC = 0o644;

/** Writes a file whole or not at all. `secret` makes it readable by its owner only. */
export function writeWhole(path: string, content: string, { secret = false } = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, content, { mode: secret ? PRIVATE : PUBLIC });
  renameSync(partial, path);
}

/** The content of the file; when there is none, that of `create`, which is kept. */
export function keptFile(path: string, create: () => string, options: { secret?: boolean } = {}): string {
  if (!existsSync(path)) writeWhole(path, create(), options);
  return readFileSync(path, 'utf8');
}

/** JSON as people read it. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
