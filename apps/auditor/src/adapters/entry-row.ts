import { type LogEntry } from '../log-entry/log-entry';

/** A row of audit_entry as the driver returns it: bigint columns are text. */
export interface EntryRow {
  log: number;
  index: string;
  gap: boolean;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string>;
  verified: boolean;
  reason: string | null;
  duplicate_of: string | null;
  event_id: string | null;
  type: string | null;
  source: string | null;
  actor: string | null;
  correlation_id: string | null;
  request_id: string | null;
  intent_id: string | null;
  key_id: string | null;
  occurred_at: Date | null;
}

export function toEntry(row: EntryRow): LogEntry {
  return {
    log: row.log,
    index: BigInt(row.index),
    gap: row.gap,
    key: row.key,
    value: row.value,
    headers: Object.fromEntries(
      Object.entries(row.headers).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    verified: row.verified,
    reason: row.reason,
    duplicateOf: row.duplicate_of === null ? null : BigInt(row.duplicate_of),
    eventId: row.event_id,
    type: row.type,
    source: row.source,
    actor: row.actor,
    correlationId: row.correlation_id,
    requestId: row.request_id,
    intentId: row.intent_id,
    keyId: row.key_id,
    occurredAt: row.occurred_at,
  };
}

/** Headers as JSON that Postgres takes: values in base64; a name cannot hold U+0000 there. */
export function headersJson(headers: Readonly<Record<string, Buffer>>): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.replaceAll('\u0000', '\ufffd'),
        value.toString('base64'),
      ]),
    ),
  );
}

/** Name and type of every inserted column with its value of an entry. */
export const COLUMNS: readonly {
  readonly name: string;
  readonly type: string;
  readonly of: (entry: LogEntry) => unknown;
}[] = [
  { name: 'log', type: 'integer', of: (entry) => entry.log },
  { name: 'index', type: 'bigint', of: (entry) => String(entry.index) },
  { name: 'gap', type: 'boolean', of: (entry) => entry.gap },
  { name: 'key', type: 'bytea', of: (entry) => entry.key },
  { name: 'value', type: 'bytea', of: (entry) => entry.value },
  { name: 'headers', type: 'jsonb', of: (entry) => headersJson(entry.headers) },
  { name: 'verified', type: 'boolean', of: (entry) => entry.verified },
  { name: 'reason', type: 'text', of: (entry) => entry.reason },
  {
    name: 'duplicate_of',
    type: 'bigint',
    of: (entry) => (entry.duplicateOf === null ? null : String(entry.duplicateOf)),
  },
  { name: 'event_id', type: 'text', of: (entry) => entry.eventId },
  { name: 'type', type: 'text', of: (entry) => entry.type },
  { name: 'source', type: 'text', of: (entry) => entry.source },
  { name: 'actor', type: 'text', of: (entry) => entry.actor },
  { name: 'correlation_id', type: 'text', of: (entry) => entry.correlationId },
  { name: 'request_id', type: 'text', of: (entry) => entry.requestId },
  { name: 'intent_id', type: 'text', of: (entry) => entry.intentId },
  { name: 'key_id', type: 'text', of: (entry) => entry.keyId },
  { name: 'occurred_at', type: 'timestamptz', of: (entry) => entry.occurredAt?.toISOString() ?? null },
];
