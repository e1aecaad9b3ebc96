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
  tx.writeRow(
    `INSERT INTO attempt (stream_id, n, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas,
       max_cost, status)
     SELECT *, 'signing' FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::numeric[],
       $7::numeric[], $8::numeric[], $9::numeric[])`,
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
  tx.writeRow(
    `UPDATE attempt SET status = 'signed', raw = r.raw, hash = r.hash
     FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[]) AS r(stream_id, n, raw, hash)
     WHERE attempt.stream_id = r.stream_id AND attempt.n = r.n`,
    [streamId, n, raw, hash],
  );
}

/** Notes what became of an attempt of an intent. */
export function markAttempt(tx: StoreTransaction, streamId: string, n: number, status: string): void {
  tx.writeRow(
    `UPDATE attempt SET status = r.status FROM unnest($1::text[], $2::integer[], $3::text[]) AS r(stream_id, n, status)
     WHERE attempt.stream_id = r.stream_id AND attempt.n = r.n`,
    [streamId, n, status],
    `${streamId}/${n}`,
  );
}
