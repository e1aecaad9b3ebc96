/** What is known of nonces that no intent of a lane has. */
import { type StoreTransaction } from '@quorate/event-store';

import { type LaneId } from '../lane/lane';

/** How far above the nonces that were given away is looked. */
const lookAhead = 64;

/** A lane with the first nonce at or above which nobody looked yet. */
export interface WatchedLane extends LaneId {
  from: string;
}

/** Up to `limit` lanes whose address comes after the given one and that ever gave a nonce away, in order. */
export function watchedLanes(
  tx: StoreTransaction,
  chainId: string,
  after: string,
  limit: number,
): Promise<WatchedLane[]> {
  return tx.query<{ chainId: string; address: string; from: string }>(
    `SELECT lane.chain_id AS "chainId", lane.address, coalesce(lane.watched_nonce, first.nonce)::text AS from
     FROM lane CROSS JOIN LATERAL (
       SELECT min(nonce) AS nonce FROM intent
       WHERE intent.chain_id = lane.chain_id AND intent.address = lane.address) AS first
     WHERE lane.chain_id = $1 AND lane.address > $2 AND coalesce(lane.watched_nonce, first.nonce) IS NOT NULL
     ORDER BY lane.address LIMIT $3`,
    [chainId, after, limit],
  );
}

/** Nonces of a lane from the given one on that no intent has and that were not found before, ascending. */
export async function unknownNonces(tx: StoreTransaction, lane: LaneId, from: string): Promise<bigint[]> {
  const rows = await tx.query<{ nonce: string }>(
    `SELECT nonce::text FROM lane, generate_series($3::bigint, greatest(lane.next_nonce, $3::bigint) + $4) AS nonce
     WHERE lane.chain_id = $1 AND lane.address = $2
       AND NOT EXISTS (SELECT FROM intent
         WHERE intent.chain_id = $1 AND intent.address = $2 AND intent.nonce = nonce.nonce)
       AND NOT EXISTS (SELECT FROM foreign_nonce AS known
         WHERE known.chain_id = $1 AND known.address = $2 AND known.nonce = nonce.nonce)
     ORDER BY nonce.nonce LIMIT $4`,
    [lane.chainId, lane.address, from, lookAhead],
  );
  return rows.map(({ nonce }) => BigInt(nonce));
}

/** Notes that all nonces below the first unknown one that no open intent has are accounted for. */
export async function moveWatch(
  tx: StoreTransaction,
  { chainId, address, from }: WatchedLane,
  firstUnknown: bigint,
): Promise<void> {
  await tx.query(
    `UPDATE lane SET watched_nonce = found.nonce
     FROM (SELECT least($4::bigint, (
       SELECT nonce FROM intent
       WHERE chain_id = $1 AND address = $2 AND nonce >= $3 AND (in_flight OR status IN ('signing', 'parked'))
       ORDER BY nonce LIMIT 1)) AS nonce) AS found
     WHERE chain_id = $1 AND address = $2 AND watched_nonce IS DISTINCT FROM found.nonce`,
    [chainId, address, from, String(firstUnknown)],
  );
}

/** Locks a lane against those who give its nonces away. */
export async function holdNonces(tx: StoreTransaction, lane: LaneId): Promise<void> {
  await tx.query('SELECT FROM lane WHERE chain_id = $1 AND address = $2 FOR NO KEY UPDATE', [
    ...[lane.chainId, lane.address],
  ]);
}

/** Whether such nonces of a lane were found within the last minute. */
export async function wasForeignLately(tx: StoreTransaction, lane: LaneId): Promise<boolean> {
  const [recent] = await tx.query(
    `SELECT FROM foreign_nonce
     WHERE chain_id = $1 AND address = $2 AND found_at > now() - interval '1 minute' LIMIT 1`,
    [lane.chainId, lane.address],
  );
  return recent !== undefined;
}

/** Keeps nonces that somebody else used; returns those that are news, ascending. */
export async function keepForeign(tx: StoreTransaction, lane: LaneId, nonces: bigint[]): Promise<bigint[]> {
  const fresh = await tx.query<{ nonce: string }>(
    `WITH fresh AS (
       INSERT INTO foreign_nonce (chain_id, address, nonce) SELECT $1, $2, unnest($3::bigint[])
       ON CONFLICT DO NOTHING RETURNING nonce)
     SELECT nonce::text FROM fresh ORDER BY fresh.nonce`,
    [lane.chainId, lane.address, nonces.map(String)],
  );
  return fresh.map(({ nonce }) => BigInt(nonce));
}
