import { type StoreTransaction } from '@quorate/event-store';
import { type Candidate } from './admission';
import { type Charged, countCharges } from './window-usage';

export interface LedgerEntry extends Candidate {
  /** R_i^p: a second presignature with the same nonce point is a restored or cloned machine. */
  readonly ownNoncePoint: Buffer;
}

/**
 * Writes the single-use ledger, the bindings and the use of windows of one batch (threshold-ecdsa.md 8.1, 11.1). A
 * presignature or nonce point that is there already fails the transaction: no share of the batch leaves.
 *
 * @param charged by the entries, as `Admissions` found
 * @param now the node's clock, as the batch was assessed
 */
export function spend(
  tx: StoreTransaction,
  entries: readonly LedgerEntry[],
  charged: readonly Charged[],
  now: Date,
): void {
  tx.write(
    `INSERT INTO presignature_ledger (presignature_id, nonce_point, key_id, requester, request_id, request_hash)
     SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bytea[])`,
    [
      entries.map((entry) => entry.presignatureId),
      entries.map((entry) => entry.ownNoncePoint),
      entries.map(({ request }) => request.keyId),
      entries.map(({ request }) => request.requester),
      entries.map(({ request }) => request.requestId),
      entries.map(({ request }) => request.requestHash),
    ],
  );
  countCharges(tx, charged, now);
  const transactions = entries.flatMap(({ request: { transaction, intent }, address }) =>
    transaction === undefined ? [] : [{ ...transaction, intent, address }],
  );
  if (transactions.length === 0) return;
  tx.write(
    `INSERT INTO nonce_binding (chain, address, nonce, payload_hash)
     SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::numeric[], $4::bytea[]) ON CONFLICT DO NOTHING`,
    [
      transactions.map(({ chain }) => chain),
      transactions.map(({ address }) => address),
      transactions.map(({ nonce }) => nonce),
      transactions.map(({ payloadHash }) => payloadHash),
    ],
  );
  const forIntents = transactions.flatMap(({ intent, ...facts }) =>
    intent === undefined ? [] : [{ ...facts, ...intent }],
  );
  if (forIntents.length === 0) return;
  tx.write(
    `INSERT INTO intent_binding (requester, intent_id, chain, address, nonce)
     SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[]) ON CONFLICT DO NOTHING`,
    [
      forIntents.map(({ requester }) => requester),
      forIntents.map(({ intentId }) => intentId),
      forIntents.map(({ chain }) => chain),
      forIntents.map(({ address }) => address),
      forIntents.map(({ nonce }) => nonce),
    ],
  );
}

/** How many presignatures this node ever spent, for its heartbeats; those of a lost database among them. */
export async function ledgerCount(tx: StoreTransaction): Promise<number> {
  const [row] = await tx.query<{ count: string }>(
    `SELECT ((SELECT count(*) FROM presignature_ledger) + coalesce((SELECT count FROM ledger_base), 0))::text AS count`,
  );
  return Number(row?.count ?? 0);
}

/** Counts what a lost database had in its ledger: a node whose count went back does not start. */
export async function raiseLedgerCount(tx: StoreTransaction, count: number): Promise<void> {
  const missing = count - (await ledgerCount(tx));
  if (missing <= 0) return;
  await tx.query(
    `INSERT INTO ledger_base (id, count) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET count = ledger_base.count + $1`,
    [missing],
  );
}
