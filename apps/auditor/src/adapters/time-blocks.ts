/** Where in a log the events of a time are: whole blocks of it, each with its earliest and latest time. */
import { type StoreTransaction } from '@quorate/event-store';
import { type LogEntry } from '../log-entry/log-entry';
import { type EventFilter } from '../ports/audit-log.port';

/** Entries of a block. */
export const BLOCK = 1_024;

/** A part of a log; `beyond` does not belong to it. */
export interface LogPart {
  readonly log: number;
  readonly first: string;
  readonly beyond: string;
}

/** The blocks, and behind them what is no whole block yet, of each log that has entries. */
const PARTS_OF_TIME = `
  WITH RECURSIVE known AS (
    (SELECT log FROM audit_entry ORDER BY log LIMIT 1)
    UNION ALL
    SELECT (SELECT log FROM audit_entry WHERE log > known.log ORDER BY log LIMIT 1)
    FROM known WHERE known.log IS NOT NULL),
  part (log, first, beyond, earliest, latest) AS (
    SELECT log, block * ${BLOCK}, (block + 1) * ${BLOCK}, earliest, latest FROM audit_time_block
    UNION ALL
    SELECT known.log, rest.* FROM known, LATERAL (
      SELECT min(index), max(index) + 1, min(occurred_at), max(occurred_at) FROM audit_entry
      WHERE log = known.log AND index >= ${BLOCK} * coalesce(
        (SELECT max(block) + 1 FROM audit_time_block WHERE log = known.log), 0)) AS rest
    WHERE known.log IS NOT NULL)
  SELECT log, min(first) AS first, max(beyond) AS beyond FROM part
  WHERE latest >= coalesce($1::timestamptz, '-infinity') AND earliest < coalesce($2::timestamptz, 'infinity')
  GROUP BY log ORDER BY log`;

/** Notes the times of the blocks that these consecutive entries complete, with the rest of the transaction that appends them. */
export function completeBlocks(tx: StoreTransaction, entries: readonly LogEntry[]): void {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return;
  const [start, end] = [first.index / BigInt(BLOCK), (last.index + 1n) / BigInt(BLOCK)];
  if (start === end) return;
  tx.write(
    `INSERT INTO audit_time_block (log, block, earliest, latest)
     SELECT log, index / ${BLOCK}, min(occurred_at), max(occurred_at) FROM audit_entry
     WHERE log = $1 AND index >= $2 AND index < $3 GROUP BY log, index / ${BLOCK}`,
    [first.log, ...[start, end].map((block) => String(block * BigInt(BLOCK)))],
  );
}

/** The part of each log that has all of its events of a time; none of a log without any. */
export function partsOfTime(tx: StoreTransaction, { from, to }: EventFilter): Promise<LogPart[]> {
  return tx.query<LogPart>(PARTS_OF_TIME, [from, to]);
}
