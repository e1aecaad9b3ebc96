/** Attempts in Postgres: what was priced and signed for an intent, with the bytes that go to the chain. */
import { type StoreTransaction } from '@quorate/event-store';
import { type SignedTransaction, type UnsignedTransaction } from '@quorate/evm';

/** Keeps a priced attempt that carries out its intent. */
export async function insertAttempt(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  transaction: UnsignedTransaction,
): Promise<void> {
  const { unsigned, digest, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  await tx.query(
    `INSERT INTO attempt (stream_id, n, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas, status)
     VALUES ($1, $2, 'payload', $3, $4, $5, $6, $7, 'signing')`,
    [streamId, n, unsigned, digest, String(gasLimit), String(maxFeePerGas), String(maxPriorityFeePerGas)],
  );
}

/** Keeps the signed bytes: from this commit on they may be sent, and will be sent again until they are mined. */
export async function keepSigned(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  { raw, hash }: SignedTransaction,
): Promise<void> {
  await tx.query(
    `UPDATE attempt SET raw = $3, hash = $4, status = 'signed' WHERE stream_id = $1 AND n = $2`,
    [streamId, n, raw, hash],
  );
}

/** Notes what became of the newest attempt of an intent. */
export async function markAttempt(tx: StoreTransaction, streamId: string, status: string): Promise<void> {
  await tx.query(
    'UPDATE attempt SET status = $2 WHERE stream_id = $1 AND n = (SELECT max(n) FROM attempt WHERE stream_id = $1)',
    [streamId, status],
  );
}
