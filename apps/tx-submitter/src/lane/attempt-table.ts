/** Attempts in Postgres: what was priced and signed for an intent, with the bytes that go to the chain. */
import { type StoreTransaction } from '@quorate/event-store';
import { type SignedTransaction, type UnsignedTransaction } from '@quorate/evm';
import { type AttemptKind } from '../intent/events';

/** Keeps a priced attempt; the request for its signature refers to it. One that is held is not to be sent. */
export function insertAttempt(
  tx: StoreTransaction,
  streamId: string,
  { n, kind, isHeld }: { n: number; kind: AttemptKind; isHeld: boolean },
  transaction: UnsignedTransaction,
): void {
  const { unsigned, digest, value, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  tx.writeRow(
    `INSERT INTO attempt (stream_id, n, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas,
       max_cost, is_held, status)
     SELECT *, 'signing' FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::numeric[],
       $7::numeric[], $8::numeric[], $9::numeric[], $10::boolean[])`,
    [
      ...[streamId, n, kind, unsigned, digest],
      ...[gasLimit, maxFeePerGas, maxPriorityFeePerGas, value + gasLimit * maxFeePerGas].map(String),
      isHeld,
    ],
  );
}

/**
 * Keeps the signed bytes: from this commit on they may be sent, unless they are held, and will be sent again until their nonce
 * is used up. What is signed though it was given up is watched, and not sent.
 */
export function keepSigned(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  { raw, hash }: SignedTransaction,
): void {
  tx.writeRow(
    `UPDATE attempt SET status = 'signed', raw = r.raw, hash = r.hash, is_held = is_held OR status = 'dropped'
     FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[]) AS r(stream_id, n, raw, hash)
     WHERE attempt.stream_id = r.stream_id AND attempt.n = r.n`,
    [streamId, n, raw, hash],
  );
}

/** An attempt of an intent, as its signature was asked for. */
export interface AskedAttempt {
  n: number;
  kind: AttemptKind;
  unsigned: string;
  gasLimit: string;
  /** The last request for its signature. */
  requestId: string;
}

export function askedAttempts(tx: StoreTransaction, streamId: string): Promise<AskedAttempt[]> {
  return tx.query<AskedAttempt>(
    `SELECT DISTINCT ON (attempt.n) attempt.n, attempt.kind, attempt.unsigned, attempt.gas_limit AS "gasLimit",
       sign_request.request_id AS "requestId"
     FROM attempt JOIN sign_request ON sign_request.stream_id = attempt.stream_id AND sign_request.attempt = attempt.n
     WHERE attempt.stream_id = $1 ORDER BY attempt.n, sign_request.headers->>'ce_time' DESC`,
    [streamId],
  );
}

/** Keeps attempt `n` with another signature, as attempt `again`: it is watched, and not sent. */
export function keepSignedAgain(
  tx: StoreTransaction,
  streamId: string,
  n: number,
  again: number,
  { raw, hash }: SignedTransaction,
): void {
  tx.write(
    `INSERT INTO attempt (stream_id, n, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas,
       max_cost, is_held, status, raw, hash)
     SELECT stream_id, $3, kind, unsigned, digest, gas_limit, max_fee_per_gas, max_priority_fee_per_gas,
       max_cost, true, 'signed', $4, $5 FROM attempt WHERE stream_id = $1 AND n = $2`,
    [streamId, n, again, raw, hash],
  );
}

/** A held attempt is to be sent from this commit on. */
export function releaseAttempt(tx: StoreTransaction, streamId: string, n: number): void {
  tx.write('UPDATE attempt SET is_held = false WHERE stream_id = $1 AND n = $2', [streamId, n]);
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
