import { type LogEntry, storableHeaders } from '../log-entry/log-entry';

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

/** Headers as JSON that Postgres takes, the values in base64. */
function storedHeaders(headers: LogEntry['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(storableHeaders(headers)).map(([name, value]) => [name, value.toString('base64')]),
  );
}

interface InsertedColumn {
  readonly name: string;
  readonly type: string;
  readonly of: (entry: LogEntry) => unknown;
}

/** The inserted columns that travel as JSON. */
const TEXT_COLUMNS: readonly InsertedColumn[] = [
  { name: 'log', type: 'integer', of: (entry) => entry.log },
  { name: 'index', type: 'bigint', of: (entry) => String(entry.index) },
  { name: 'gap', type: 'boolean', of: (entry) => entry.gap },
  { name: 'headers', type: 'json', of: (entry) => storedHeaders(entry.headers) },
  { name: 'verified', type: 'boolean', of: (entry) => entry.verified },
  { name: 'reason', type: 'text', of: (entry) => entry.reason },
  { name: 'duplicate_of', type: 'bigint', of: (entry) => entry.duplicateOf?.toString() },
  { name: 'event_id', type: 'text', of: (entry) => entry.eventId },
  { name: 'type', type: 'text', of: (entry) => entry.type },
  { name: 'source', type: 'text', of: (entry) => entry.source },
  { name: 'actor', type: 'text', of: (entry) => entry.actor },
  { name: 'correlation_id', type: 'text', of: (entry) => entry.correlationId },
  { name: 'request_id', type: 'text', of: (entry) => entry.requestId },
  { name: 'intent_id', type: 'text', of: (entry) => entry.intentId },
  { name: 'key_id', type: 'text', of: (entry) => entry.keyId },
  { name: 'occurred_at', type: 'timestamptz', of: (entry) => entry.occurredAt?.toISOString() },
];

/** Those that travel as bytes: an array of them would go as hexadecimal text, which costs both sides more. */
const BYTES_COLUMNS = ['key', 'value'] as const;

const TEXT_NAMES = TEXT_COLUMNS.map(({ name }) => name).join(', ');

export const COLUMN_NAMES = [TEXT_NAMES, ...BYTES_COLUMNS].join(', ');

/** Inserts rows: $1 is a JSON array of them, $2 the bytes of all, which the rows refer to by place and length. */
export const INSERT_ROWS = `
  INSERT INTO audit_entry (${COLUMN_NAMES})
  SELECT ${TEXT_NAMES}, ${BYTES_COLUMNS.map((name) => `substring($2::bytea FROM ${name}_at FOR ${name}_length)`).join(', ')}
  FROM json_to_recordset($1::json) AS entry (
    ${TEXT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')},
    ${BYTES_COLUMNS.map((name) => `${name}_at integer, ${name}_length integer`).join(', ')})`;

/** The parameters of INSERT_ROWS. */
export function insertedRows(entries: readonly LogEntry[]): [json: string, bytes: Buffer] {
  const parts: Buffer[] = [];
  let end = 1; // SQL counts bytes from 1.
  const rows = entries.map((entry) => {
    const row = Object.fromEntries(TEXT_COLUMNS.map(({ name, of }) => [name, of(entry)]));
    for (const name of BYTES_COLUMNS) {
      const bytes = entry[name];
      if (bytes === null) continue;
      row[`${name}_at`] = end;
      row[`${name}_length`] = bytes.length;
      parts.push(bytes);
      end += bytes.length;
    }
    return row;
  });
  return [JSON.stringify(rows), Buffer.concat(parts)];
}
