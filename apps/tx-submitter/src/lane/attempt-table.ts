/** Attempts in Postgres: what was priced and signed for an intent, with the bytes that go to the chain. */
import { type StoreTransaction } from '@quorate/event-store';
import { type SignedTransaction, type UnsignedTransaction } from '@quorate/evm';
import { type AttemptKind } from '../intent/events';

/** Keeps a priced attempt; the request for its signature refers to it. */
export function insertAttempt(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  kind: AttemptKind,
  transaction: UnsignedTransaction,
): void {
  const { unsigned, digest, value, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  tx.write(
    `INSERT INTO attempt (stream_id, n, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas,
       max_cost, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'signing')`,
    [
      ...[streamId, n, kind, unsigned, digest],
      ...[gasLimit, maxFeePerGas, maxPriorityFeePerGas, value + gasLimit * maxFeePerGas].map(String),
    ],
  );
}

/** Keeps the signed bytes: from this commit on they may be sent, and will be sent again until their nonce is used up. */
export function keepSigned(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  { raw, hash }: SignedTransaction,
): void {
  tx.write('UPDATE attempt SET raw = $3, hash = $4 WHERE stream_id = $1 AND n = $2', [
    ...[streamId, n, raw, hash],
  ]);
}

/** One attempt, by its place or by its hash, and how it stands. */
export interface AttemptMark {
  n?: number;
  hash?: string;
  status: string;
}

/** Notes what became of an attempt of an intent. */
export function markAttempt(tx: StoreTransaction, streamId: string, { n, hash, status }: AttemptMark): void {
  tx.write('UPDATE attempt SET status = $4 WHERE stream_id = $1 AND (n = $2 OR hash = $3)', [
    ...[streamId, n ?? null, hash ?? null, status],
  ]);
}
