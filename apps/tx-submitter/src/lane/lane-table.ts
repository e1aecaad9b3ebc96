/** Lanes in Postgres: who waits, and which nonces are next. */
import { type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';
import { streams } from '@quorate/protocol';

import { type IntentIdentity } from '../intent/events';
import { selectIntents, type StoredIntent } from '../intent/stored-intent';
import { type LaneId } from './lane';

/** A lane as its row says, locked until the transaction ends. */
export interface LaneRow {
  /** The first that was never given to an intent, and is not used on the chain. */
  nextNonce: bigint;
  /** Below it, given back by intents that were never signed; ascending. */
  vacant: bigint[];
  isActive: boolean;
}

/**
 * Locks a lane against other writers; nonces below `chainNonce`, the chain's count of transactions, are gone, whoever used
 * them.
 */
export async function lockLane(tx: StoreTransaction, lane: LaneId, chainNonce: bigint): Promise<LaneRow> {
  const id = [lane.chainId, lane.address];
  // Not FOR UPDATE, which would wait for whoever holds the lease and only keeps it from being taken.
  const locked = tx.query<{ next_nonce: string; status: string }>(
    'SELECT next_nonce, status FROM lane WHERE chain_id = $1 AND address = $2 FOR NO KEY UPDATE',
    id,
  );
  const [[row], , vacant] = await Promise.all([
    locked,
    tx.query('DELETE FROM vacant_nonce WHERE chain_id = $1 AND address = $2 AND nonce < $3', [
      ...id,
      chainNonce,
    ]),
    tx.query<{ nonce: string }>(
      'SELECT nonce FROM vacant_nonce WHERE chain_id = $1 AND address = $2 ORDER BY nonce',
      id,
    ),
  ]);
  if (row === undefined) throw new Fatal('lane', `The lane ${lane.chainId}/${lane.address} vanished.`);
  const nextNonce = BigInt(row.next_nonce);
  return {
    nextNonce: nextNonce > chainNonce ? nextNonce : chainNonce,
    vacant: vacant.map(({ nonce }) => BigInt(nonce)),
    isActive: row.status === 'active',
  };
}

/** A lane as it is, without creating it. */
export async function findLane(
  tx: StoreTransaction,
  lane: LaneId,
): Promise<{ nextNonce: bigint } | undefined> {
  const [row] = await tx.query<{ next_nonce: string }>(
    'SELECT next_nonce FROM lane WHERE chain_id = $1 AND address = $2',
    [lane.chainId, lane.address],
  );
  return row && { nextNonce: BigInt(row.next_nonce) };
}

/** Nonces from `chainNonce` on that intents of a lane have, and the stream of its newest intent. */
export async function usedNonces(
  tx: StoreTransaction,
  lane: LaneId,
  chainNonce: bigint,
): Promise<{ used: bigint[]; newest: string | undefined }> {
  const id = [lane.chainId, lane.address];
  const [rows, [newest]] = await Promise.all([
    tx.query<{ nonce: string }>(
      'SELECT nonce FROM intent WHERE chain_id = $1 AND address = $2 AND nonce >= $3',
      [...id, chainNonce],
    ),
    tx.query<{ stream_id: string }>(
      'SELECT stream_id FROM intent WHERE chain_id = $1 AND address = $2 ORDER BY arrival DESC LIMIT 1',
      id,
    ),
  ]);
  return { used: rows.map(({ nonce }) => BigInt(nonce)), newest: newest?.stream_id };
}

/** Notes which nonces of a locked lane were given away. */
export function takeNonces(tx: StoreTransaction, lane: LaneId, taken: bigint[], nextNonce: bigint): void {
  const id = [lane.chainId, lane.address];
  tx.write('UPDATE lane SET next_nonce = $3 WHERE chain_id = $1 AND address = $2', [...id, nextNonce]);
  tx.write('DELETE FROM vacant_nonce WHERE chain_id = $1 AND address = $2 AND nonce = ANY($3::bigint[])', [
    ...id,
    taken.map(String),
  ]);
}

/** Gives a nonce back that nothing was signed for: the next intent of the lane gets it. */
export function giveNonceBack(tx: StoreTransaction, lane: LaneId, nonce: string, streamId: string): void {
  tx.write(
    `INSERT INTO vacant_nonce (chain_id, address, nonce, stream_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [lane.chainId, lane.address, nonce, streamId],
  );
}

/** A nonce that was given back, and the intent that gave it. */
export interface OrphanedNonce extends IntentIdentity {
  nonce: string;
}

/** Nonces that nobody took for `patienceMs`, though later ones wait for them. */
export function orphanedNonces(
  tx: StoreTransaction,
  lane: LaneId,
  patienceMs: number,
): Promise<OrphanedNonce[]> {
  return tx.query<{ nonce: string; requester: string; intentId: string }>(
    `SELECT vacant_nonce.nonce::text, intent.requester, intent.intent_id AS "intentId"
     FROM vacant_nonce JOIN intent USING (stream_id)
     WHERE vacant_nonce.chain_id = $1 AND vacant_nonce.address = $2 AND ${isOrphaned('$3')}
     ORDER BY vacant_nonce.nonce`,
    [lane.chainId, lane.address, patienceMs],
  );
}

/** Takes a nonce that was given back; false when somebody else has it. */
export async function takeOrphan(tx: StoreTransaction, lane: LaneId, nonce: string): Promise<boolean> {
  const taken = await tx.query(
    'DELETE FROM vacant_nonce WHERE chain_id = $1 AND address = $2 AND nonce = $3 RETURNING nonce',
    [lane.chainId, lane.address, nonce],
  );
  return taken.length > 0;
}

function isOrphaned(patienceMs: string): string {
  return `vacant_nonce.since < now() - ${patienceMs} * interval '1 millisecond' AND EXISTS (
    SELECT FROM intent AS later WHERE later.chain_id = vacant_nonce.chain_id
      AND later.address = vacant_nonce.address AND later.nonce > vacant_nonce.nonce)`;
}

/** What the transactions of a lane that were sent or are to be, and that the chain does not hold yet, may cost together, in wei. */
export async function committedCost(tx: StoreTransaction, lane: LaneId, chainNonce: bigint): Promise<bigint> {
  const [row] = await tx.query<{ cost: string }>(
    // By their names, and not joined: without statistics, all attempts there are would be read.
    `SELECT coalesce(sum(cost), 0)::text AS cost FROM (
       SELECT max(max_cost) AS cost FROM attempt
       WHERE NOT is_held AND stream_id = ANY (ARRAY(
         SELECT stream_id FROM intent WHERE chain_id = $1 AND address = $2 AND nonce >= $3))
       GROUP BY stream_id) AS open`,
    [lane.chainId, lane.address, chainNonce],
  );
  return BigInt(row?.cost ?? 0);
}

/** An intent without a nonce. */
export interface QueuedIntent extends StoredIntent {
  /** Its place in the order of arrival. */
  arrival: string;
  /** How often it was postponed. */
  pauses: number;
}

/**
 * The intents of a lane that may go now, for the longest time first: one that was postponed comes behind those that may go
 * since. They are in the order of arrival.
 */
export function nextQueued(tx: StoreTransaction, lane: LaneId, limit: number): Promise<QueuedIntent[]> {
  return selectIntents<{ arrival: string; pauses: number }>(
    tx,
    ', intent.arrival, intent.pauses',
    `FROM (
       SELECT * FROM intent
       WHERE queue_place IS NOT NULL AND chain_id = $1 AND address = $2 AND ready_at <= now()
       ORDER BY ready_at, queue_place LIMIT $3) AS intent
     ORDER BY intent.queue_place`,
    [lane.chainId, lane.address, limit],
  );
}

/** The arrival of a lane's oldest intent that the chain has not executed, without some that wait for a nonce. */
export async function oldestOpen(
  tx: StoreTransaction,
  lane: LaneId,
  chainNonce: bigint,
  without: QueuedIntent[],
): Promise<bigint | undefined> {
  const [row] = await tx.query<{ arrival: string | null }>(
    `SELECT least(
       (SELECT min(arrival) FROM intent WHERE chain_id = $1 AND address = $2 AND nonce >= $3),
       (SELECT min(queue_place) FROM intent
        WHERE queue_place IS NOT NULL AND queue_place <> ALL ($4::bigint[])
          AND chain_id = $1 AND address = $2)) AS arrival`,
    [lane.chainId, lane.address, chainNonce, without.map(({ arrival }) => arrival)],
  );
  return row === undefined || row.arrival === null ? undefined : BigInt(row.arrival);
}

/** Intents of a lane whose nonces a cancelling transaction is to use up now. */
export function nextToCancel(tx: StoreTransaction, lane: LaneId): Promise<IntentIdentity[]> {
  return tx.query<{ requester: string; intentId: string }>(
    `SELECT requester, intent_id AS "intentId" FROM intent
     WHERE wants_cancel AND chain_id = $1 AND address = $2 AND ready_at <= now() ORDER BY nonce`,
    [lane.chainId, lane.address],
  );
}

/** Lets an intent wait while others of its lane go on. */
export function postpone(tx: StoreTransaction, streamId: string, milliseconds: number): void {
  tx.write(
    `UPDATE intent SET ready_at = now() + $2 * interval '1 millisecond', pauses = pauses + 1 WHERE stream_id = $1`,
    [streamId, milliseconds],
  );
}

/** The query for the lanes of a chain with open intents: some wait, some are on their way, or a nonce is missing. */
export function openLanes(chainId: string, patienceMs: string): string {
  const has = (what: string) =>
    `EXISTS (SELECT FROM intent WHERE ${what} AND intent.chain_id = lane.chain_id AND intent.address = lane.address)`;
  // A look at each lane, whose rows come first in an index: there may be thousands of intents on their way.
  return `
    SELECT chain_id, address FROM lane WHERE chain_id = ${chainId} AND (${has('in_flight')} OR ${has('wants_cancel')})
    UNION
    SELECT chain_id, address FROM intent
    WHERE queue_place IS NOT NULL AND chain_id = ${chainId} AND address IS NOT NULL
    UNION
    SELECT chain_id, address FROM vacant_nonce WHERE chain_id = ${chainId} AND ${isOrphaned(patienceMs)}`;
}

/** Lanes on which somebody may go now, or a nonce is missing. */
export async function lanesWithWork(
  tx: StoreTransaction,
  chainId: string,
  patienceMs: number,
): Promise<LaneId[]> {
  return tx.query<{ chainId: string; address: string }>(
    `SELECT DISTINCT chain_id AS "chainId", address FROM intent
     WHERE chain_id = $1 AND address IS NOT NULL AND ready_at <= now()
       AND (wants_cancel OR queue_place IS NOT NULL)
     UNION
     SELECT chain_id, address FROM vacant_nonce WHERE chain_id = $1 AND ${isOrphaned('$2')}`,
    [chainId, patienceMs],
  );
}

/** @returns whether there is such a lane */
export async function setLaneStatus(
  tx: StoreTransaction,
  lane: LaneId,
  status: 'active' | 'paused',
  by: string,
): Promise<boolean> {
  const [row] = await tx.query<{ before: string }>(
    `UPDATE lane SET status = $3 FROM (
       SELECT status AS before FROM lane WHERE chain_id = $1 AND address = $2 FOR NO KEY UPDATE) AS old
     WHERE chain_id = $1 AND address = $2 RETURNING before`,
    [lane.chainId, lane.address, status],
  );
  if (row === undefined) return false;
  if (row.before === status) return true;
  const streamId = streams.lane(lane.chainId, lane.address);
  const type = status === 'active' ? 'quorate.tx.lane-resumed.v1' : 'quorate.tx.lane-paused.v1';
  const data = { chainId: lane.chainId, from: lane.address, by };
  tx.appendNext(streamId, [{ type, data, correlationId: streamId, causationId: streamId }]);
  return true;
}
