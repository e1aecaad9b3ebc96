import { type JsonObject } from '@quorate/protocol';
import { type LogEntry } from '../log-entry/log-entry';
import { contentOf } from '../log-entry/read-entry';

/** An entry as the API shows it (interfaces.md, Audit queries). */
export interface EventView {
  log: number;
  index: number;
  type: string | null;
  source: string | null;
  /** RFC 3339; null when the record does not say when it was written. */
  time: string | null;
  verified: boolean;
  /** Why the record is not verified. */
  reason?: string;
  /** Index, in the same log, of the entry that had this event first. */
  duplicateOf?: number;
  /** The content; null when it is not a JSON object. */
  data: JsonObject | null;
  jws: string | null;
}

export function eventView(entry: LogEntry): EventView {
  return {
    log: entry.log,
    index: Number(entry.index),
    type: entry.type,
    source: entry.source,
    time: entry.headers['ce_time']?.toString() ?? entry.occurredAt?.toISOString() ?? null,
    verified: entry.verified,
    ...(entry.reason === null ? {} : { reason: entry.reason }),
    ...(entry.duplicateOf === null ? {} : { duplicateOf: Number(entry.duplicateOf) }),
    data: contentOf(entry.value),
    jws: entry.headers['jws']?.toString() ?? null,
  };
}
