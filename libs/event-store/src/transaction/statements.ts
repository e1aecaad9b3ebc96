import { type QueryConfig } from 'pg';
import { REMOVAL_MS } from '../outbox/outbox-row';
import { packRecords } from '../outbox/packed-records';
import { type PendingDue, type PendingRecord } from './pending-writes';

/** Named statements are parsed and planned once per connection; arrays make one statement of any number of rows. */

export function readStreams(streamIds: string[]): QueryConfig {
  return {
    name: 'read-streams',
    text: `SELECT stream_id, position, event_id, type, value, jws, occurred_at FROM event
           WHERE stream_id = ANY($1::text[]) ORDER BY stream_id, position`,
    values: [streamIds],
  };
}

/** Takes a lock per stream until the end of the transaction; `streamIds` sorted, so that nobody waits in a circle. */
export function lockStreams(streamIds: string[]): QueryConfig {
  return {
    name: 'lock-streams',
    text: `SELECT pg_advisory_xact_lock(hashtextextended(id, 4711)) FROM unnest($1::text[]) WITH ORDINALITY AS s(id, n)
           ORDER BY n`,
    values: [streamIds],
  };
}

export function streamVersions(streamIds: string[]): QueryConfig {
  return {
    name: 'stream-versions',
    text: `SELECT s.id AS stream_id, coalesce(e.position, 0) AS version FROM unnest($1::text[]) AS s(id)
           LEFT JOIN LATERAL (SELECT position FROM event WHERE stream_id = s.id ORDER BY position DESC LIMIT 1) e ON true`,
    values: [streamIds],
  };
}

/**
 * Whether other processes than $1 have rows of the streams $2 that will not be published by themselves: those of a process
 * that has died (its lock is free, some milliseconds after its death), or that lie longer than a living one lets them.
 */
export const FOREIGN_ROWS = `
  SELECT FROM outbox WHERE (owner < $1 OR owner > $1) AND streams && $2::text[]
    AND (created_at < now() - make_interval(secs => ${(2 * REMOVAL_MS) / 1000}) OR pg_try_advisory_xact_lock(owner))
  LIMIT 1`;

/** Makes what others have of `FOREIGN_ROWS` the rows of $1, whether they live or not. */
export const SEIZE_ROWS = `
  UPDATE outbox SET owner = $1 WHERE (owner < $1 OR owner > $1) AND streams && $2::text[]
    AND created_at < now() - make_interval(secs => ${(2 * REMOVAL_MS) / 1000}) RETURNING id`;

export interface Leavings {
  readonly owner: string;
  /** At least one. */
  readonly records: PendingRecord[];
  /** Streams of the records. */
  readonly streamIds: string[];
  /** Outbox rows to be deleted, because they were published. */
  readonly published: readonly bigint[];
}

/**
 * One outbox row with all records of the transaction, and their events; answers with the id of the row, and whether there
 * are `FOREIGN_ROWS`. Events go in order of streams, so that two transactions never wait for each other in a circle. Their
 * values travel as one run of bytes: an array of bytea would be sent in hex. An event whose stream does not end right
 * before the first new one gets no position, and is refused for that; one whose position is taken is refused as well.
 * (Asked with EXISTS, a plan made while the table is small would read all of it.)
 */
export function leave({ owner, records, streamIds, published }: Leavings): QueryConfig {
  const events = records.flatMap(({ event }) => (event === undefined ? [] : [event]));
  const row = [owner, streamIds, packRecords(records), published.map(String)];
  if (events.length === 0) return { name: 'leave-records', text: LEAVE_RECORDS, values: row };
  events.sort((a, b) =>
    a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : a.streamPosition - b.streamPosition,
  );
  let end = 0;
  const starts = events.map(({ value }) => (end += value.length) - value.length + 1);
  return {
    name: 'leave-events',
    text: LEAVE_EVENTS,
    values: [
      ...row,
      events.map((event) => event.streamId),
      events.map((event) => event.streamPosition),
      events.map((event) => event.eventId),
      events.map((event) => event.type),
      Buffer.concat(events.map((event) => event.value)),
      starts,
      events.map((event) => event.value.length),
      events.map((event) => event.jws),
      events.map((event) => event.occurredAt.toISOString()),
      events.map((event) => event.version),
    ],
  };
}

const PUT_ROW = `
  deleted AS (DELETE FROM outbox WHERE id = ANY($4::bigint[]))
  INSERT INTO outbox (owner, streams, records) VALUES ($1, $2, $3) RETURNING id, EXISTS (${FOREIGN_ROWS}) AS "isForeign"`;

const LEAVE_RECORDS = `WITH ${PUT_ROW}`;

const LEAVE_EVENTS = `
  WITH events AS (
    INSERT INTO event (stream_id, position, event_id, type, value, jws, occurred_at)
    SELECT stream_id,
           CASE WHEN version = 0 OR (SELECT true FROM event e WHERE e.stream_id = n.stream_id AND e.position = n.version)
                THEN position END,
           event_id, type, substring($9::bytea FROM start FOR length), jws, occurred_at
    FROM unnest($5::text[], $6::integer[], $7::uuid[], $8::text[], $10::integer[], $11::integer[], $12::text[],
                $13::timestamptz[], $14::integer[])
      AS n(stream_id, position, event_id, type, start, length, jws, occurred_at, version)
  ), ${PUT_ROW}`;

export function deletePublished(ids: readonly bigint[]): QueryConfig & { values: unknown[] } {
  return {
    name: 'delete-published',
    text: 'DELETE FROM outbox WHERE id = ANY($1::bigint[])',
    values: [ids.map(String)],
  };
}

/**
 * In order of the bytes of keys, as {@link deleteDue}, so that nobody waits in a circle. Postgres tells when rows are due: what
 * a process with a wrong clock asks for is as far away as it means. A difference below a second may be the way there.
 */
export function upsertDue(rows: PendingDue[]): QueryConfig {
  rows.sort(byKey);
  return {
    name: 'upsert-due',
    text: `INSERT INTO due (kind, key, next_action_at, data)
           SELECT n.kind, n.key, n.at + CASE WHEN abs(extract(epoch FROM skew)) < 1 THEN interval '0' ELSE skew END, n.data
           FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[]) AS n(kind, key, at, data),
             date_trunc('milliseconds', clock_timestamp() - to_timestamp($5::double precision / 1000)) AS skew
           ON CONFLICT (kind, key) DO UPDATE SET next_action_at = EXCLUDED.next_action_at, data = EXCLUDED.data`,
    values: [
      rows.map(({ kind }) => kind),
      rows.map(({ key }) => key),
      rows.map(({ at }) => at?.toISOString()),
      rows.map(({ data }) => (data === undefined ? null : JSON.stringify(data))),
      Date.now(),
    ],
  };
}

export function deleteDue(rows: PendingDue[]): QueryConfig {
  return {
    name: 'delete-due',
    text: `DELETE FROM due USING (
             SELECT due.kind, due.key FROM due JOIN unnest($1::text[], $2::text[]) AS d(kind, key)
               ON due.kind = d.kind AND due.key = d.key
             ORDER BY due.kind COLLATE "C", due.key COLLATE "C" FOR UPDATE OF due
           ) AS held WHERE due.kind = held.kind AND due.key = held.key`,
    values: [rows.map(({ kind }) => kind), rows.map(({ key }) => key)],
  };
}

function byKey(a: PendingDue, b: PendingDue): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
