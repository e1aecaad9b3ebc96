/**
 * Deliveries in Postgres. Those of one intent at one endpoint stand in line: only the first that waits has a time for its
 * next attempt.
 */
import { type StoreTransaction } from '@quorate/event-store';

import { attemptLimitMs } from './attempt';
import { patienceMs } from './retry-schedule';

/** How long a claimed delivery is left alone, in milliseconds: whoever claimed it has died by then. */
const claimMs = attemptLimitMs + 5_000;
/** How long finished deliveries can be looked up, in days. */
export const keptDays = 7;

export interface NewDelivery {
  endpoint: string;
  /** Also its `webhook-id`. */
  eventId: string;
  streamId: string;
  requester: string;
  intentId: string;
  type: string;
  /** The exact bytes. */
  body: Buffer;
}

/** A delivery whose attempt is under way here. */
export interface ClaimedDelivery {
  eventId: string;
  requester: string;
  intentId: string;
  type: string;
  body: Buffer;
  createdAt: Date;
  /** With this one. */
  attempts: number;
}

/** Writes a delivery with the commit of `tx`, at the end of its line. */
export function writeDelivery(tx: StoreTransaction, delivery: NewDelivery): void {
  const { endpoint, eventId, streamId, requester, intentId, type, body } = delivery;
  // The lock: whoever finishes the last one waits for this commit, and then sees this one.
  tx.write(
    `WITH last AS (
       SELECT FROM webhook_delivery WHERE endpoint = $1 AND stream_id = $3 AND state = 'waiting'
       ORDER BY arrival DESC LIMIT 1 FOR UPDATE
     )
     INSERT INTO webhook_delivery (endpoint, event_id, stream_id, requester, intent_id, type, body, next_attempt_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN EXISTS (SELECT FROM last) THEN NULL ELSE clock_timestamp() END)`,
    [endpoint, eventId, streamId, requester, intentId, type, body],
  );
}

/** Takes up to `limit` deliveries of an endpoint whose time has come. */
export function claimDeliveries(
  tx: StoreTransaction,
  endpoint: string,
  limit: number,
): Promise<ClaimedDelivery[]> {
  return tx.query<ClaimedDelivery>(
    `UPDATE webhook_delivery AS delivery
     SET attempts = attempts + 1, last_attempt_at = clock_timestamp(),
       next_attempt_at = clock_timestamp() + ${claimMs} * interval '1 millisecond'
     FROM (
       SELECT endpoint, event_id FROM webhook_delivery WHERE endpoint = $1 AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) AS ripe
     WHERE delivery.endpoint = ripe.endpoint AND delivery.event_id = ripe.event_id
     RETURNING delivery.event_id AS "eventId", delivery.requester, delivery.intent_id AS "intentId", delivery.type,
       delivery.body, delivery.created_at AS "createdAt", delivery.attempts`,
    [endpoint, limit],
  );
}

/**
 * Ends a delivery and lets the next of its line go. One a transaction, so that nobody waits in a circle.
 *
 * @returns whether it was waiting until now.
 */
export async function finishDelivery(
  tx: StoreTransaction,
  endpoint: string,
  eventId: string,
  state: 'delivered' | 'given-up',
  result: string,
): Promise<boolean> {
  const [finished] = await tx.query<{ streamId: string }>(
    `UPDATE webhook_delivery SET state = $3, last_result = $4, finished_at = clock_timestamp(), next_attempt_at = NULL
     WHERE endpoint = $1 AND event_id = $2 AND state = 'waiting' RETURNING stream_id AS "streamId"`,
    [endpoint, eventId, state, result],
  );
  if (finished === undefined) return false;
  await tx.query(
    `UPDATE webhook_delivery SET next_attempt_at = clock_timestamp()
     WHERE endpoint = $1 AND next_attempt_at IS NULL AND arrival = (
       SELECT arrival FROM webhook_delivery WHERE endpoint = $1 AND stream_id = $2 AND state = 'waiting'
       ORDER BY arrival LIMIT 1)`,
    [endpoint, finished.streamId],
  );
  return true;
}

/** Notes a failed attempt. Without effect when somebody else has made a later one, or delivered it. */
export async function postponeDelivery(
  tx: StoreTransaction,
  endpoint: string,
  { eventId, attempts }: ClaimedDelivery,
  at: number,
  result: string,
): Promise<void> {
  await tx.query(
    `UPDATE webhook_delivery SET next_attempt_at = $4, last_result = $5
     WHERE endpoint = $1 AND event_id = $2 AND attempts = $3 AND state = 'waiting'`,
    [endpoint, eventId, attempts, new Date(at), result],
  );
}

/** Of these endpoints those that have something to deliver now. */
export async function endpointsWithWork(tx: StoreTransaction, endpoints: string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM unnest($1::text[]) AS named(id) WHERE EXISTS (
       SELECT FROM webhook_delivery WHERE endpoint = named.id AND next_attempt_at <= now())`,
    [endpoints],
  );
  return rows.map(({ id }) => id);
}

/** Of these endpoints those where something waits, with the age of the oldest in seconds. */
export function oldestWaiting(
  tx: StoreTransaction,
  endpoints: string[],
): Promise<{ endpoint: string; seconds: number }[]> {
  return tx.query(
    `SELECT id AS endpoint, extract(epoch FROM clock_timestamp() - oldest.created_at)::float8 AS seconds
     FROM unnest($1::text[]) AS named(id) CROSS JOIN LATERAL (
       SELECT created_at FROM webhook_delivery WHERE endpoint = named.id AND state = 'waiting'
       ORDER BY arrival LIMIT 1) AS oldest`,
    [endpoints],
  );
}

/**
 * Gives up up to `limit` deliveries that waited too long, but for those of the named endpoints: they give up themselves
 * after a last attempt.
 *
 * @returns the endpoint of each.
 */
export async function giveUpOrphans(
  tx: StoreTransaction,
  endpoints: string[],
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ endpoint: string }>(
    `UPDATE webhook_delivery AS delivery
     SET state = 'given-up', last_result = 'nobody delivers to its endpoint', finished_at = clock_timestamp(),
       next_attempt_at = NULL
     FROM (
       SELECT endpoint, event_id FROM webhook_delivery
       WHERE state = 'waiting' AND endpoint <> ALL($1::text[])
         AND created_at < now() - ${patienceMs} * interval '1 millisecond'
       ORDER BY endpoint, arrival LIMIT $2 FOR UPDATE SKIP LOCKED
     ) AS orphan
     WHERE delivery.endpoint = orphan.endpoint AND delivery.event_id = orphan.event_id
     RETURNING delivery.endpoint`,
    [endpoints, limit],
  );
  // The endpoint may come back: those behind them have moved up.
  if (rows.length > 0) {
    await tx.query(
      `UPDATE webhook_delivery AS delivery SET next_attempt_at = clock_timestamp()
       WHERE state = 'waiting' AND next_attempt_at IS NULL AND endpoint <> ALL($1::text[]) AND NOT EXISTS (
         SELECT FROM webhook_delivery AS earlier
         WHERE earlier.endpoint = delivery.endpoint AND earlier.stream_id = delivery.stream_id
           AND earlier.state = 'waiting' AND earlier.arrival < delivery.arrival)`,
      [endpoints],
    );
  }
  return rows.map(({ endpoint }) => endpoint);
}

/** Forgets up to `limit` deliveries that were finished long ago; returns how many. */
export async function forgetFinished(tx: StoreTransaction, limit: number): Promise<number> {
  const rows = await tx.query(
    `DELETE FROM webhook_delivery USING (
       SELECT endpoint, event_id FROM webhook_delivery WHERE finished_at < now() - interval '${keptDays} days'
       ORDER BY finished_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ) AS old
     WHERE webhook_delivery.endpoint = old.endpoint AND webhook_delivery.event_id = old.event_id
     RETURNING webhook_delivery.event_id`,
    [limit],
  );
  return rows.length;
}
