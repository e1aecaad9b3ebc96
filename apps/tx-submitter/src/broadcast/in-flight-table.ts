import { type StoreTransaction } from '@quorate/event-store';

import { type SentTransaction } from './in-flight';

/** A committed transaction, with what the table says of it and of its intent. */
export interface KnownTransaction extends SentTransaction {
  /** Whether an endpoint was seen to have it. */
  isNoted: boolean;
  /** Where the chain holds a transaction of its intent, and whether its client knows. */
  inclusion?: { hash: string; block: { number: number; hash: string } } | undefined;
  isConfirmed: boolean;
}

interface InFlightRow {
  requester: string;
  intentId: string;
  chainId: string;
  address: string;
  nonce: string;
  status: string;
  confirmations: number;
  includedHash: string | null;
  blockNumber: string | null;
  blockHash: string | null;
  n: number;
  kind: SentTransaction['kind'];
  attemptStatus: string;
  hash: string;
  raw: string;
}

/**
 * Committed transactions of a chain whose intents are not over, without those whose hashes are `known`. What was signed
 * for an intent that is being cancelled, and never sent, stays here.
 */
export async function readInFlight(
  tx: StoreTransaction,
  chainId: string,
  known: string[],
): Promise<KnownTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `SELECT intent.requester, intent.intent_id AS "intentId", intent.chain_id AS "chainId", intent.address,
       intent.nonce, intent.status, intent.confirmations, intent.hash AS "includedHash",
       intent.block_number AS "blockNumber", intent.block_hash AS "blockHash",
       attempt.n, attempt.kind, attempt.status AS "attemptStatus", attempt.hash, attempt.raw
     FROM intent JOIN attempt USING (stream_id)
     WHERE intent.in_flight AND intent.chain_id = $1 AND attempt.raw IS NOT NULL AND NOT attempt.hash = ANY($2)
       AND (attempt.kind = 'cancel' OR attempt.status <> 'signed' OR NOT intent.is_ending)
     ORDER BY intent.nonce, attempt.n`,
    [chainId, known],
  );
  return rows.map(toTransaction);
}

const unconfirmed = ['signing', 'broadcast', 'included', 'parked'];

function toTransaction(row: InFlightRow): KnownTransaction {
  const { requester, intentId, chainId, address, nonce, confirmations, n, kind, hash, raw } = row;
  const { blockNumber, blockHash, includedHash } = row;
  const inclusion =
    blockNumber === null || blockHash === null || includedHash === null
      ? undefined
      : { hash: includedHash, block: { number: Number(blockNumber), hash: blockHash } };
  return {
    identity: { requester, intentId },
    lane: { chainId, address },
    nonce: BigInt(nonce),
    ...{ confirmations, n, kind, hash, raw, inclusion },
    isNoted: row.attemptStatus !== 'signed' && row.attemptStatus !== 'signing',
    isConfirmed: !unconfirmed.includes(row.status),
  };
}
