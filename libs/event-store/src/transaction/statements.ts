import { type QueryConfig } from 'pg';
import { headersJson } from '../outbox/outbox-row';
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

/** In order of streams, so that two transactions never wait for each other in a circle. */
export function insertEvents(records: PendingRecord[]): QueryConfig {
  const events = records.flatMap(({ event }) => (event === undefined ? [] : [event]));
  events.sort((a, b) =>
    a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : a.streamPosition - b.streamPosition,
  );
  return {
    name: 'insert-events',
    text: `INSERT INTO event (stream_id, position, event_id, type, value, jws, occurred_at)
           SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $5::bytea[], $6::text[], $7::timestamptz[])`,
    values: [
      events.map((event) => event.streamId),
      events.map((event) => event.streamPosition),
      events.map((event) => event.eventId),
      events.map((event) => event.type),
      events.map((event) => event.value),
      events.map((event) => event.jws),
      events.map((event) => event.occurredAt.toISOString()),
    ],
  };
}

export function insertOutbox(owner: string, records: PendingRecord[]): QueryConfig {
  return {
    name: 'insert-outbox',
    text: `INSERT INTO outbox (owner, stream_id, topic, partition, key, value, headers)
           SELECT $1::bigint, r.stream_id, r.topic, r.partition, r.key, r.value, r.headers
           FROM unnest($2::text[], $3::text[], $4::integer[], $5::bytea[], $6::bytea[], $7::jsonb[])
             WITH ORDINALITY AS r(stream_id, topic, partition, key, value, headers, n)
           ORDER BY r.n RETURNING id`,
    values: [
      owner,
      records.map(({ streamId }) => streamId ?? null),
      records.map(({ record }) => record.topic),
      records.map(({ record }) => record.partition ?? null),
      records.map(({ record }) => (record.key === null ? null : Buffer.from(record.key))),
      records.map(({ record }) => record.value),
      records.map(({ record }) => headersJson(record.headers)),
    ],
  };
}

/**
 * Whether other processes have rows of these streams that should have been published by now: those of a living process
 * are gone within some 50 ms.
 */
export function foreignRows(owner: string, streamIds: string[]): QueryConfig & { values: unknown[] } {
  return {
    name: 'foreign-rows',
    text: `SELECT 1 FROM outbox WHERE stream_id = ANY($2::text[]) AND owner <> $1::bigint
             AND created_at < clock_timestamp() - interval '100 ms' LIMIT 1`,
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
