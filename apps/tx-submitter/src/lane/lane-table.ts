/** Lanes in Postgres: whose turn it is, and which nonce is next. */
import { type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';

import { type LaneId } from './lane';

/** A lane as its row says, locked until the transaction ends. */
export interface LaneRow {
  nextNonce: bigint;
  /** The stream of the intent that is being signed: at most one, so that a refused nonce never leaves a gap. */
  signing: string | undefined;
}

/** An intent that waits for its turn. */
export interface QueuedIntent {
  requester: string;
  intentId: string;
  value: Buffer;
  jws: string;
  approvals: string[];
}

/** Locks a lane; a new one begins at `chainNonce`, the chain's count of transactions. */
export async function lockLane(tx: StoreTransaction, lane: LaneId, chainNonce: number): Promise<LaneRow> {
  await tx.query(
    'INSERT INTO lane (chain_id, address, next_nonce) VALUES ($1, $2, $3) ON CONFLICT (chain_id, address) DO NOTHING',
    [lane.chainId, lane.address, chainNonce],
  );
  const [row] = await tx.query<{ next_nonce: string; signing_stream: string | null }>(
    'SELECT next_nonce, signing_stream FROM lane WHERE chain_id = $1 AND address = $2 FOR UPDATE',
    [lane.chainId, lane.address],
  );
  if (row === undefined) throw new Fatal('lane', `The lane ${lane.chainId}/${lane.address} vanished.`);
  return { nextNonce: BigInt(row.next_nonce), signing: row.signing_stream ?? undefined };
}

/** Gives `nonce` to the intent of a stream, which is now being signed. */
export async function occupyLane(
  tx: StoreTransaction,
  lane: LaneId,
  nonce: bigint,
  streamId: string,
): Promise<void> {
  await tx.query(
    'UPDATE lane SET next_nonce = $3, signing_stream = $4 WHERE chain_id = $1 AND address = $2',
    [lane.chainId, lane.address, nonce + 1n, streamId],
  );
}

/**
 * Ends the turn of a stream's intent.
 *
 * @param nonceBack its nonce, when it was not used: the next intent gets it.
 */
export async function freeLane(
  tx: StoreTransaction,
  lane: LaneId,
  streamId: string,
  nonceBack?: string,
): Promise<void> {
  const freed = await tx.query(
    `UPDATE lane SET signing_stream = NULL, next_nonce = coalesce($4, next_nonce)
     WHERE chain_id = $1 AND address = $2 AND signing_stream = $3 RETURNING next_nonce`,
    [lane.chainId, lane.address, streamId, nonceBack ?? null],
  );
  if (freed.length !== 1)
    throw new Fatal('lane', `${streamId} is not being signed on ${lane.chainId}/${lane.address}.`);
}

/** The intent that has waited longest on a free lane; undefined when none may go now. */
export async function nextQueued(tx: StoreTransaction, lane: LaneId): Promise<QueuedIntent | undefined> {
  const [row] = await tx.query<{
    requester: string;
    intent_id: string;
    value: Buffer;
    jws: string;
    approvals: string[];
  }>(
    `SELECT requester, intent_id, value, jws, approvals FROM intent
     WHERE chain_id = $1 AND address = $2 AND status = 'queued' AND ready_at <= now()
       AND NOT EXISTS (SELECT FROM lane WHERE chain_id = $1 AND address = $2 AND signing_stream IS NOT NULL)
     ORDER BY arrival LIMIT 1`,
    [lane.chainId, lane.address],
  );
  if (row === undefined) return undefined;
  const { requester, intent_id: intentId, value, jws, approvals } = row;
  return { requester, intentId, value, jws, approvals };
}

/** Lets an intent wait while others of its lane go on. */
export async function postpone(tx: StoreTransaction, streamId: string, milliseconds: number): Promise<void> {
  await tx.query(`UPDATE intent SET ready_at = now() + $2 * interval '1 millisecond' WHERE stream_id = $1`, [
    streamId,
    milliseconds,
  ]);
}

/** Free lanes on which somebody may go now. */
export async function lanesWithWork(tx: StoreTransaction, chainId: string): Promise<LaneId[]> {
  return tx.query<{ chainId: string; address: string }>(
    `SELECT DISTINCT intent.chain_id AS "chainId", intent.address FROM intent
     LEFT JOIN lane USING (chain_id, address)
     WHERE intent.status = 'queued' AND intent.chain_id = $1 AND intent.address IS NOT NULL
       AND intent.ready_at <= now() AND lane.signing_stream IS NULL`,
    [chainId],
  );
}
