import { type StoreTransaction } from '@quorate/event-store';

import { type LaneId } from '../lane/lane';

/** Sent again at once, of one lane. */
const lostAtOnce = 64;

/** The transaction that ended its intent. */
export interface FinalTransaction {
  requester: string;
  intentId: string;
  nonce: string;
  hash: string;
  raw: string;
}

/** Up to `limit` lanes whose address comes after the given one, in order. */
export function lanesAfter(
  tx: StoreTransaction,
  chainId: string,
  after: string,
  limit: number,
): Promise<LaneId[]> {
  return tx.query<{ chainId: string; address: string }>(
    `SELECT chain_id AS "chainId", address FROM lane WHERE chain_id = $1 AND address > $2 ORDER BY address LIMIT $3`,
    [chainId, after, limit],
  );
}

/** Transactions of intents that are over with a nonce that the chain has not used, lowest nonces first. */
export function readLost(
  tx: StoreTransaction,
  lane: LaneId,
  chainNonce: bigint,
): Promise<FinalTransaction[]> {
  return tx.query<FinalTransaction & object>(
    `SELECT intent.requester, intent.intent_id AS "intentId", intent.nonce::text, attempt.hash, attempt.raw
     FROM intent JOIN attempt ON attempt.stream_id = intent.stream_id AND attempt.hash = intent.hash
     WHERE intent.chain_id = $1 AND intent.address = $2 AND intent.nonce >= $3 AND NOT intent.in_flight
       AND intent.block_hash IS NOT NULL AND attempt.raw IS NOT NULL
     ORDER BY intent.nonce LIMIT $4`,
    [lane.chainId, lane.address, chainNonce, lostAtOnce],
  );
}
