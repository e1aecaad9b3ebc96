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
 * In order of streams, so that two transactions never wait for each other in a circle. Values travel as one run of bytes:
 * an array of bytea would be sent in hex. An event whose stream does not end right before the first new one gets no
 * position, and is refused for that; one whose position is taken is refused as well.
 */
export function insertEvents(records: PendingRecord[]): QueryConfig {
  const events = records.flatMap(({ event }) => (event === undefined ? [] : [event]));
  events.sort((a, b) =>
    a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : a.streamPosition - b.streamPosition,
  );
  let end = 0;
  const starts = events.map(({ value }) => (end += value.length) - value.length + 1);
  return {
    name: 'insert-events',
    text: `INSERT INTO event (stream_id, position, event_id, type, value, jws, occurred_at)
           SELECT stream_id,
                  CASE WHEN version = 0 OR EXISTS (SELECT FROM event e WHERE e.stream_id = n.stream_id AND e.position = n.version)
                       THEN position END,
                  event_id, type, substring($5::bytea FROM start FOR length), jws, occurred_at
           FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $6::integer[], $7::integer[], $8::text[],
                       $9::timestamptz[], $10::integer[])
             AS n(stream_id, position, event_id, type, start, length, jws, occurred_at, version)`,
    values: [
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

/** One row with all records of the transaction. */
export function insertOutbox(owner: string, streamIds: string[], records: PendingRecord[]): QueryConfig {
  return {
    name: 'insert-outbox',
    text: 'INSERT INTO outbox (owner, streams, records) VALUES ($1, $2, $3) RETURNING id',
    values: [owner, streamIds, packRecords(records.map(({ record }) => record))],
  };
}

export function deleteOutbox(ids: readonly bigint[]): QueryConfig {
  return {
    name: 'delete-outbox',
    text: 'DELETE FROM outbox WHERE id = ANY($1::bigint[])',
    values: [ids.map(String)],
  };
}

/**
 * Whether other processes have rows of these streams that will not be published by themselves: those of a process that has
 * died (its lock is free), or that lie longer than a living one lets them.
 */
export function foreignRows(owner: string, streamIds: string[]): QueryConfig & { values: unknown[] } {
  return {
    name: 'foreign-rows',
    text: `SELECT 1 FROM outbox WHERE (owner < $1 OR owner > $1) AND streams && $2::text[]
             AND (created_at < now() - make_interval(secs => ${(2 * REMOVAL_MS) / 1000}) OR pg_try_advisory_xact_lock(owner))
           LIMIT 1`,
    values: [owner, streamIds],
  };
}

export function upsertDue(rows: PendingDue[]): QueryConfig {
  return {
    name: 'upsert-due',
    text: `INSERT INTO due (kind, key, next_action_at, data)
           SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
           ON CONFLICT (kind, key) DO UPDATE SET next_action_at = EXCLUDED.next_action_at, data = EXCLUDED.data`,
    values: [
      rows.map(({ kind }) => kind),
      rows.map(({ key }) => key),
      rows.map(({ at }) => at?.toISOString() ?? null),
      rows.map(({ data }) => (data === undefined ? null : JSON.stringify(data))),
    ],
  };
}

export function deleteDue(rows: PendingDue[]): QueryConfig {
  return {
    name: 'delete-due',
    text: 'DELETE FROM due USING unnest($1::text[], $2::text[]) AS d(kind, key) WHERE due.kind = d.kind AND due.key = d.key',
    values: [rows.map(({ kind }) => kind), rows.map(({ key }) => key)],
  };
}
