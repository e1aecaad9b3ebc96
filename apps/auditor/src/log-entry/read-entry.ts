import { type LogRecord } from '@quorate/messaging';
import {
  eventSchema,
  isJsonObject,
  type JsonObject,
  type LogKeyLookup,
  readStrictJson,
  rfc3339Milliseconds,
  verifyServiceRecord,
} from '@quorate/protocol';
import { type EntryFacts, type LogEntry } from './log-entry';

/** Longest text that is kept as a column; the record itself is kept whole. */
const FACT_LIMIT = 400;
const UNSTORABLE = /[\u0000\p{Surrogate}]/u; // eslint-disable-line no-control-regex -- Postgres has no U+0000 in text

/**
 * The entry of one record of mpc.events. A record that is not a verified event of a known service is an entry all the
 * same, with the reason: leaving it out would be a hole. Never throws.
 * @param lookup identities of all services
 */
export function readEntry(record: LogRecord, lookup: LogKeyLookup): LogEntry {
  const place = { log: record.partition, index: record.offset };
  const verdict = verifyServiceRecord(record, {
    typ: 'event',
    schema: eventSchema,
    lookup: (kid) => lookup(kid, place),
  });
  return {
    log: record.partition,
    index: record.offset,
    gap: false,
    key: record.key,
    value: record.value,
    headers: record.headers,
    verified: verdict.ok,
    reason: verdict.ok ? null : storableReason(`${verdict.code}: ${verdict.reason}`),
    duplicateOf: null,
    ...factsOf(record, verdict.ok ? verdict.data : contentOf(record.value)),
  };
}

/** The entry of an offset below a delivered one that holds no record. */
export function gapEntry(log: number, index: bigint): LogEntry {
  const nothing = { eventId: null, type: null, source: null, actor: null, correlationId: null };
  return {
    ...{ log, index, gap: true, key: null, value: null, headers: {}, verified: false, duplicateOf: null },
    ...{ ...nothing, requestId: null, intentId: null, keyId: null, occurredAt: null },
    reason: 'gap: the topic holds no record at this offset',
  };
}

/** The JSON content of a record; null when it is no JSON object within the limits of the project. */
export function contentOf(value: Buffer | null): JsonObject | null {
  if (value === null) return null;
  const json = readStrictJson(value);
  return json.ok && isJsonObject(json.data) ? json.data : null;
}

function factsOf(record: LogRecord, content: JsonObject | null): EntryFacts {
  const data = content ?? {};
  const header = (name: string): string | null => storable(record.headers[name]?.toString('utf8'));
  return {
    eventId: storable(data['eventId']) ?? header('ce_id'),
    type: storable(data['type']) ?? header('ce_type'),
    source: header('ce_source'),
    actor: storable(data['actor']),
    correlationId: storable(data['correlationId']),
    requestId: storable(data['requestId']),
    intentId: storable(data['intentId']),
    keyId: storable(data['keyId']),
    occurredAt: time(data['occurredAt']) ?? time(header('ce_time')),
  };
}

function storable(fact: unknown): string | null {
  if (typeof fact !== 'string' || fact === '' || fact.length > FACT_LIMIT) return null;
  return UNSTORABLE.test(fact) ? null : fact;
}

/** Every character that Postgres does not take, spelled out. */
function storableReason(reason: string): string {
  return reason.replaceAll(
    new RegExp(UNSTORABLE, 'gu'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function time(text: unknown): Date | null {
  if (typeof text !== 'string') return null;
  const milliseconds = rfc3339Milliseconds(text);
  return milliseconds === undefined ? null : new Date(milliseconds);
}
