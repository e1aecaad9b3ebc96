import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type FirstOccurrence, markDuplicates } from '../log-entry/duplicates';
import { type LogEntry } from '../log-entry/log-entry';
import { namedHashes } from '../log-entry/named-hashes';
import { type AuditLog, type Page, type PageQuery, type Position } from '../ports/audit-log.port';
import { COLUMN_NAMES, type EntryRow, INSERT_ROWS, insertedRows, toEntry } from './entry-row';
import { firstBytes, pageQuery } from './page-query';
import { completeBlocks, partsOfTime } from './time-blocks';

const SELECT = `SELECT ${COLUMN_NAMES} FROM audit_entry`;

/** The audit log in the table audit_entry. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly store: EventStore) {}

  async append(tx: StoreTransaction, entries: readonly LogEntry[]): Promise<LogEntry[]> {
    const [first] = entries;
    if (first === undefined) return [];
    const marked = markDuplicates(entries, await this.firstOccurrences(tx, first.log, entries));
    await tx.query(INSERT_ROWS, insertedRows(marked));
    insertHashes(tx, first.log, marked);
    completeBlocks(tx, marked);
    return marked;
  }

  async last(log: number): Promise<LogEntry | undefined> {
    const [entry] = await this.read(`${SELECT} WHERE log = $1 ORDER BY index DESC LIMIT 1`, [log]);
    return entry;
  }

  async page(query: PageQuery): Promise<Page> {
    const { filter, order, limit } = query;
    const rows = await this.search(async (tx) => {
      const parts =
        filter.from === undefined && filter.to === undefined ? undefined : await partsOfTime(tx, filter);
      if (parts?.length === 0) return [];
      const { sql, parameters } = pageQuery({ ...query, limit: limit + 1 }, parts);
      return tx.query<PageRow>(firstBytes(sql, order), parameters);
    });
    return pageOf(rows, limit);
  }

  range(log: number, from: number, to: number): Promise<LogEntry[]> {
    const where = 'WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index';
    return this.read(firstBytes(`${SELECT} ${where}`), [log, String(from), String(to)]);
  }

  at(tx: StoreTransaction, log: number, index: number): Promise<LogEntry | undefined> {
    return one(tx, 'WHERE log = $1 AND index = $2', [log, String(index)]);
  }

  withEventId(tx: StoreTransaction, eventId: string): Promise<LogEntry | undefined> {
    return one(tx, 'WHERE event_id = $1 ORDER BY verified DESC, log, index LIMIT 1', [eventId]);
  }

  async story(id: string, after?: Position): Promise<Page> {
    const ofStory = `(request_id = $1 OR intent_id = $1 OR (correlation_id = $1
      AND correlation_id IS DISTINCT FROM request_id AND correlation_id IS DISTINCT FROM intent_id))`;
    const rest = after === undefined ? '' : 'AND (log > $2 OR (log = $2 AND index > $3::bigint))';
    const place = after === undefined ? [] : [after.log, String(after.index)];
    const sql = firstBytes(`${SELECT} WHERE ${ofStory} ${rest}`);
    const rows = await this.search((tx) => tx.query<PageRow>(sql, [id, ...place]));
    return pageOf(rows, rows.length);
  }

  private async read(sql: string, parameters: unknown[]): Promise<LogEntry[]> {
    return (await this.search((tx) => tx.query<EntryRow>(sql, parameters))).map(toEntry);
  }

  private search<R extends EntryRow>(find: (tx: StoreTransaction) => Promise<R[]>): Promise<R[]> {
    return this.store.transaction(find, { durable: false, adHoc: true });
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

/** A row of a page: `found` is how many rows there were before it was cut. */
type PageRow = EntryRow & { found: string };

function pageOf(rows: readonly PageRow[], limit: number): Page {
  const entries = rows.slice(0, limit).map(toEntry);
  const found = Number(rows[0]?.found ?? 0);
  return { entries, next: found > entries.length ? entries.at(-1) : undefined };
}

async function one(
  tx: StoreTransaction,
  where: string,
  parameters: unknown[],
): Promise<LogEntry | undefined> {
  const [row] = await tx.query<EntryRow>(`${SELECT} ${where}`, parameters);
  return row && toEntry(row);
}

function insertHashes(tx: StoreTransaction, log: number, entries: readonly LogEntry[]): void {
  const named = entries.flatMap((entry) => namedHashes(entry).map((hash) => ({ hash, index: entry.index })));
  if (named.length === 0) return;
  tx.write(
    `INSERT INTO audit_entry_hash (log, hash, index)
     SELECT $1::integer, hash, index FROM unnest($2::bytea[], $3::bigint[]) AS named (hash, index)`,
    [log, named.map(({ hash }) => hash), named.map(({ index }) => String(index))],
  );
}
