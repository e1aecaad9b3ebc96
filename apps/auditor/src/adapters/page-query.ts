/** The statements that read pages of the log. */
import { type Order, type PageQuery } from '../ports/audit-log.port';
import { COLUMN_NAMES } from './entry-row';
import { type LogPart } from './time-blocks';

/** Bytes of the records after which a page ends: what is made of them takes several times as much memory. */
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * The first rows of a statement, up to the one with which they have PAGE_BYTES; each says as `found` how many there were.
 *
 * @param sql selects COLUMN_NAMES
 */
export function firstBytes(sql: string, order: Order = 'asc'): string {
  const direction = order === 'asc' ? 'ASC' : 'DESC';
  const inOrder = `log ${direction}, index ${direction}`;
  const size = 'coalesce(octet_length(value), 0) + octet_length(headers::text)';
  return `SELECT ${COLUMN_NAMES}, found FROM (
    SELECT found.*, count(*) OVER () AS found,
      sum(${size}) OVER (ORDER BY ${inOrder} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (${sql}) AS found) AS page
    WHERE bytes_before IS NULL OR bytes_before < ${PAGE_BYTES} ORDER BY ${inOrder}`;
}

/** What a page is read from, and in which order. */
const ALL = { rows: 'audit_entry', place: ['log', 'index'] };
/** By the rows of a hash: the planner does not see that the place of both is the same, and would sort. */
const NAMED = {
  rows: 'audit_entry_hash AS named JOIN audit_entry USING (log, index)',
  place: ['named.log', 'named.index'],
};

/** @param parts of the logs, which hold all entries of the time that is asked for; undefined when none is */
export function pageQuery(
  { filter, order, after, limit }: PageQuery,
  parts: readonly LogPart[] | undefined,
): { sql: string; parameters: unknown[] } {
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
  match('occurred_at', '>=', filter.from);
  match('occurred_at', '<', filter.to);
  const { rows, place } = filter.hash === undefined ? ALL : NAMED;
  const [log, index] = place;
  match('named.hash', '=', filter.hash && Buffer.from(filter.hash.slice(2), 'hex'));
  if (parts !== undefined) {
    const within = parts.map(
      (part) =>
        `${log} = ${bind(part.log)} AND ${index} >= ${bind(part.first)} AND ${index} < ${bind(part.beyond)}`,
    );
    conditions.push(within.length === 1 ? within.join('') : `(${within.join(' OR ')})`);
  }
  const direction = order === 'asc' ? 'ASC' : 'DESC';
  const most = bind(limit);
  const select = (...more: string[]): string => {
    const all = [...conditions, ...more];
    const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
    const inOrder = place.map((column) => `${column} ${direction}`).join(', ');
    return `SELECT ${COLUMN_NAMES} FROM ${rows} ${where} ORDER BY ${inOrder} LIMIT ${most}`;
  };
  if (after === undefined) return { sql: select(), parameters };
  // The rest of one log, and the logs beyond it. Of (log, index) > (a, b) the planner looks at log > a alone, which in most
  // installations nothing is: it would have the log read from there on, whatever the filter.
  const beyond = order === 'asc' ? '>' : '<';
  const at = `${bind(after.log)}::integer`;
  const rest = select(`${log} = ${at}`, `${index} ${beyond} ${bind(String(after.index))}::bigint`);
  const sql = `SELECT * FROM ((${rest}) UNION ALL (${select(`${log} ${beyond} ${at}`)})) AS page
    ORDER BY log ${direction}, index ${direction} LIMIT ${most}`;
  return { sql, parameters };
}
