/** How lanes and intents stand, read in one query. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';

import { type LaneId } from '../lane/lane';

export interface LaneReading extends LaneId {
  status: string;
  /** The submitter that last had it. */
  holder: string | null;
  epoch: string;
  /** The first nonce that was never given to an intent. */
  next: string;
  /** The first nonce that no block was seen to use; the first that is not final. */
  latest: string;
  finalized: string;
  inFlight: number;
  /** Nonces below the next one that no intent has. */
  gap: number;
  /** The lowest nonce that an intent has and no block was seen to use; null while there is none. */
  waitingFor: string | null;
  statuses: Partial<Record<string, number>>;
  parked: Partial<Record<string, number>>;
}

export interface Snapshot {
  lanes: LaneReading[];
  allPaused: boolean;
}

const sql = `
  SELECT lane.chain_id AS "chainId", lane.address, lane.status, lane.holder, lane.epoch::text, lane.next_nonce::text AS next,
    greatest(coalesce(open.mined + 1, 0), least(open.waiting, lane.next_nonce), 0)::text AS latest,
    least(open.lowest, greatest(lane.watched_nonce, 0), lane.next_nonce)::text AS finalized,
    open."inFlight", greatest(0, lane.next_nonce - start.nonce - open.held - gone.count)::int AS gap,
    open.waiting::text AS "waitingFor",
    coalesce(open.statuses, '{}') || coalesce(queue.statuses, '{}') AS statuses,
    coalesce(held.parked, '{}') AS parked
  FROM lane
  CROSS JOIN LATERAL (SELECT coalesce(lane.watched_nonce, (
    SELECT min(nonce) FROM intent WHERE chain_id = lane.chain_id AND address = lane.address), lane.next_nonce) AS nonce) AS start
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE nonce < lane.next_nonce) AS held,
      count(*) FILTER (WHERE in_flight)::int AS "inFlight",
      max(nonce) FILTER (WHERE block_number IS NOT NULL) AS mined,
      min(nonce) FILTER (WHERE status IN ('signing', 'broadcast', 'parked')) AS waiting,
      min(nonce) FILTER (WHERE in_flight OR status IN ('signing', 'parked')) AS lowest,
      jsonb_strip_nulls(jsonb_build_object(
        'signing', count(*) FILTER (WHERE status = 'signing'), 'broadcast', count(*) FILTER (WHERE status = 'broadcast'),
        'included', count(*) FILTER (WHERE status = 'included'), 'confirmed', count(*) FILTER (WHERE status = 'confirmed'))
      ) AS statuses
    FROM intent WHERE chain_id = lane.chain_id AND address = lane.address AND nonce >= start.nonce) AS open
  CROSS JOIN LATERAL (
    SELECT count(*) FROM foreign_nonce AS found
    WHERE found.chain_id = lane.chain_id AND found.address = lane.address
      AND found.nonce >= start.nonce AND found.nonce < lane.next_nonce) AS gone
  CROSS JOIN LATERAL (
    SELECT jsonb_build_object('queued', count(*)) AS statuses FROM intent
    WHERE chain_id = lane.chain_id AND address = lane.address AND queue_place IS NOT NULL AND NOT is_parked) AS queue
  CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(code, n) AS parked FROM (
      SELECT coalesce(parked_code, 'unknown') AS code, count(*) AS n FROM intent
      WHERE chain_id = lane.chain_id AND address = lane.address AND is_parked GROUP BY 1) AS codes) AS held
  WHERE lane.chain_id = $1 AND ($2::text IS NULL OR lane.address = $2)`;

/** Reads one lane; undefined when there is no such. */
export async function readLane(
  tx: StoreTransaction,
  { chainId, address }: LaneId,
): Promise<LaneReading | undefined> {
  const [lane] = await tx.query<LaneReading & Record<string, unknown>>(sql, [chainId, address]);
  return lane;
}

/** Reads the lanes of a chain; from indexes, over what is not final. */
export function readSnapshot(store: Pick<EventStore, 'transaction'>, chainId: string): Promise<Snapshot> {
  return store.transaction(
    async (tx) => {
      const [lanes, [rest]] = await Promise.all([
        tx.query<LaneReading & Record<string, unknown>>(sql, [chainId, null]),
        tx.query<{ allPaused: boolean }>(
          `SELECT EXISTS (SELECT FROM chain_pause WHERE chain_id = $1) AS "allPaused"`,
          [chainId],
        ),
      ]);
      return { lanes, allPaused: rest?.allPaused ?? false };
    },
    { durable: false },
  );
}
