import { readFileSync } from 'node:fs';
import { Invalid } from '@quorate/platform';
import { type Checkpoint, openCheckpoint, type VerifierKey } from '@quorate/transparency-log';
import { wellFormed } from './log-key';

/** A checkpoint that its log has signed. @throws Invalid that names `what` it was read from */
export function openedCheckpoint(note: string, key: VerifierKey, what: string): Checkpoint {
  return wellFormed(() => openCheckpoint(note, key).checkpoint, what);
}

/** @throws Invalid when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Invalid('file', `${file} cannot be read`, { cause });
  }
}

/** As --json shows it. */
export function checkpointDocument({ origin, size, root }: Checkpoint) {
  return { origin, size, root: Buffer.from(root).toString('base64') };
}
