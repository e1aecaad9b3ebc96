import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type FirstOccurrence, markDuplicates } from '../log-entry/duplicates';
import { type LogEntry } from '../log-entry/log-entry';
import { type AuditLog, type PageQuery } from '../ports/audit-log.port';
import { HAS_HASHES } from './entry-hashes.migration';
import { COLUMN_NAMES, type EntryRow, INSERT_ROWS, insertedRows, toEntry } from './entry-row';

/** Entries that name a hash, found by that alone: the planner knows nothing of how rare one is. */
const names = (hash: string): string => `(log, index) IN (
  WITH named AS MATERIALIZED (
    SELECT log, index FROM audit_entry WHERE ${HAS_HASHES} AND audit_entry_hashes(value) @> ARRAY[${hash}::text])
  SELECT log, index FROM named)`;

const SELECT = `SELECT ${COLUMN_NAMES} FROM audit_entry`;

/** The audit log in the table audit_entry. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly store: EventStore) {}

  async append(tx: StoreTransaction, entries: readonly LogEntry[]): Promise<LogEntry[]> {
    const [first] = entries;
    if (first === undefined) return [];
    const marked = markDuplicates(entries, await this.firstOccurrences(tx, first.log, entries));
    await tx.query(INSERT_ROWS, insertedRows(marked));
    return marked;
  }

  async last(log: number): Promise<LogEntry | undefined> {
    const [entry] = await this.read(`${SELECT} WHERE log = $1 ORDER BY index DESC LIMIT 1`, [log]);
    return entry;
  }

  async page({ filter, order, after, limit }: PageQuery): Promise<LogEntry[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${parameters.push(value)}`;
    const conditions: string[] = [];
    const match = (column: string, operator: string, value: unknown): void => {
      if (value !== undefined) conditions.push(`${column} ${operator} ${bind(value)}`);
    };
    match('request_id', '=', filter.requestId);
    match('intent_id', '=', filter.intentId);
    match('type', '=', filter.type);
    match('actor', '=', filter.actor);
    match('key_id', '=', filter.keyId);
    match('event_id', '=', filter.eventId);
    if (filter.hash !== undefined) conditions.push(names(bind(filter.hash)));
    match('occurred_at', '>=', filter.from);
    match('occurred_at', '<', filter.to);
    if (after !== undefined) {
      const place = `(${bind(after.log)}::integer, ${bind(String(after.index))}::bigint)`;
      conditions.push(`(log, index) ${order === 'asc' ? '>' : '<'} ${place}`);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const direction = order === 'asc' ? 'ASC' : 'DESC';
    return this.read(
      `${SELECT} ${where} ORDER BY log ${direction}, index ${direction} LIMIT ${bind(limit)}`,
      parameters,
    );
  }

  range(log: number, from: number, to: number): Promise<LogEntry[]> {
    const where = 'WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index';
    return this.read(`${SELECT} ${where}`, [log, String(from), String(to)]);
  }

  async withEventId(eventId: string): Promise<LogEntry | undefined> {
    const first = 'WHERE event_id = $1 ORDER BY verified DESC, log, index LIMIT 1';
    const [entry] = await this.read(`${SELECT} ${first}`, [eventId]);
    return entry;
  }

  story(id: string): Promise<LogEntry[]> {
    return this.read(
      `${SELECT} WHERE request_id = $1 OR intent_id = $1 OR (correlation_id = $1
         AND correlation_id IS DISTINCT FROM request_id AND correlation_id IS DISTINCT FROM intent_id)
       ORDER BY log, index`,
      [id],
    );
  }

  private read(sql: string, parameters: unknown[]): Promise<LogEntry[]> {
    return this.store.transaction(async (tx) => (await tx.query<EntryRow>(sql, parameters)).map(toEntry), {
      durable: false,
      adHoc: true,
    });
  }

  private async firstOccurrences(
    tx: StoreTransaction,
    log: number,
    entries: readonly LogEntry[],
  ): Promise<FirstOccurrence[]> {
    const ids = entries.flatMap(({ eventId }) => eventId ?? []);
    const rows = await tx.query<{
      event_id: string;
      source: string | null;
      verified: boolean;
      first: string;
    }>(
      // Found by event id alone: where a table has no statistics yet, the entries of a log look few, too.
      `WITH known AS MATERIALIZED (
         SELECT log, index, event_id, source, verified FROM audit_entry WHERE event_id = ANY($2::text[]))
       SELECT event_id, source, verified, min(index) AS first FROM known
       WHERE log = $1 GROUP BY event_id, source, verified`,
      [log, ids],
    );
    return rows.map((row) => ({
      eventId: row.event_id,
      source: row.source,
      verified: row.verified,
      index: BigInt(row.first),
    }));
  }
}
