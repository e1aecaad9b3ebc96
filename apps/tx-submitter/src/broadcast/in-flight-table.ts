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

const selectInFlight = `
  SELECT intent.requester, intent.intent_id AS "intentId", intent.chain_id AS "chainId", intent.address,
    intent.nonce, intent.status, intent.confirmations, intent.hash AS "includedHash",
    intent.block_number AS "blockNumber", intent.block_hash AS "blockHash",
    attempt.n, attempt.kind, attempt.status AS "attemptStatus", attempt.hash, attempt.raw
  FROM intent JOIN attempt USING (stream_id)`;

/** What was signed for an intent that is being cancelled, and never sent, stays here. */
const mayBeSent = `attempt.raw IS NOT NULL
  AND (attempt.kind = 'cancel' OR attempt.status <> 'signed' OR NOT intent.is_ending)`;

/** Committed transactions of lanes with this holder whose intents are not over, without those whose hashes are `known`. */
export async function readInFlight(
  tx: StoreTransaction,
  holder: string,
  known: string[],
): Promise<KnownTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `${selectInFlight} JOIN lane ON lane.chain_id = intent.chain_id AND lane.address = intent.address
     WHERE lane.holder = $1 AND intent.in_flight AND NOT attempt.hash = ANY($2) AND ${mayBeSent}
     ORDER BY intent.nonce, attempt.n`,
    [holder, known],
  );
  return rows.map(toTransaction);
}

/** Committed transactions by their hashes, as far as their intents are not over. */
export async function readSigned(tx: StoreTransaction, hashes: string[]): Promise<SentTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `${selectInFlight} WHERE attempt.hash = ANY($1) AND intent.in_flight AND ${mayBeSent}
     ORDER BY intent.nonce, attempt.n`,
    [hashes],
  );
  return rows.map(toSent);
}

const unconfirmed = ['signing', 'broadcast', 'included', 'parked'];

function toTransaction(row: InFlightRow): KnownTransaction {
  const { status, attemptStatus, blockNumber, blockHash, includedHash } = row;
  const inclusion =
    blockNumber === null || blockHash === null || includedHash === null
      ? undefined
      : { hash: includedHash, block: { number: Number(blockNumber), hash: blockHash } };
  return {
    ...toSent(row),
    inclusion,
    isNoted: attemptStatus !== 'signed' && attemptStatus !== 'signing',
    isConfirmed: !unconfirmed.includes(status),
  };
}

function toSent(row: InFlightRow): SentTransaction {
  const { requester, intentId, chainId, address, nonce, confirmations, n, kind, hash, raw } = row;
  return {
    identity: { requester, intentId },
    lane: { chainId, address },
    nonce: BigInt(nonce),
    ...{ confirmations, n, kind, hash, raw },
  };
}
