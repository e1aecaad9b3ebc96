import { statSync } from 'node:fs';

/** Anything for others, and more than reading for the group. */
const EXPOSED = 0o037;

/**
 * Who else may use a file that holds secrets, and the remedy; undefined for one that is private, or not there. Its group may
 * read it: so Kubernetes gives secrets of root to a service (fsGroup, mode 0440 or 0640).
 */
export function exposureOf(file: string): string | undefined {
  const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  if ((mode & EXPOSED) === 0) return undefined;
  return `${file} can be read or written by others (mode ${mode.toString(8)}): chmod 600 ${file}`;
}
