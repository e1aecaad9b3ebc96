import { eventLeaf, gapLeaf } from '@quorate/transparency-log';
import { type LogEntry } from '../log-entry/log-entry';

/** The leaf of an entry (audit-log.md, Shape): made of what was received, so that it is what a rebuild makes, too. */
export function leafOf({ gap, headers, value }: LogEntry): Uint8Array {
  return gap ? gapLeaf : eventLeaf({ headers, value });
}
