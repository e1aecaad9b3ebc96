import { type StoreTransaction } from '@quorate/event-store';

import { type LaneId } from '../lane/lane';
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
  isWithheld: boolean;
}

/** Held in advance; or its client cancelled before it was seen to be sent. */
const isWithheld = `(attempt.is_held OR intent.is_ending AND attempt.kind <> 'cancel' AND attempt.status = 'signed')`;

const selectInFlight = `
  SELECT intent.requester, intent.intent_id AS "intentId", intent.chain_id AS "chainId", intent.address,
    intent.nonce, intent.status, intent.confirmations, intent.hash AS "includedHash",
    intent.block_number AS "blockNumber", intent.block_hash AS "blockHash",
    attempt.n, attempt.kind, attempt.status AS "attemptStatus", attempt.hash, attempt.raw,
    ${isWithheld} AS "isWithheld"
  FROM intent JOIN attempt USING (stream_id)`;

const ofHolder = `JOIN lane ON lane.chain_id = intent.chain_id AND lane.address = intent.address
  WHERE lane.holder = $1`;

/** All committed transactions of lanes with this holder whose intents are not over, by their hashes. */
export function inFlightHashes(
  tx: StoreTransaction,
  holder: string,
): Promise<{ hash: string; isWithheld: boolean }[]> {
  return tx.query<{ hash: string; isWithheld: boolean }>(
    `SELECT attempt.hash, ${isWithheld} AS "isWithheld" FROM intent JOIN attempt USING (stream_id) ${ofHolder}
       AND intent.in_flight AND attempt.raw IS NOT NULL`,
    [holder],
  );
}

/** Committed transactions of lanes with this holder whose intents are not over: those with these hashes, or all. */
export async function readInFlight(
  tx: StoreTransaction,
  holder: string,
  hashes?: string[],
): Promise<KnownTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `${selectInFlight} ${ofHolder} AND intent.in_flight AND attempt.raw IS NOT NULL
       ${hashes === undefined ? '' : 'AND attempt.hash = ANY($2)'}
     ORDER BY intent.nonce, attempt.n`,
    hashes === undefined ? [holder] : [holder, hashes],
  );
  return rows.map(toTransaction);
}

/** Committed transactions by their hashes, as far as their intents are not over. */
export async function readSigned(tx: StoreTransaction, hashes: string[]): Promise<SentTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `${selectInFlight} WHERE attempt.hash = ANY($1) AND intent.in_flight AND attempt.raw IS NOT NULL
     ORDER BY intent.nonce, attempt.n`,
    [hashes],
  );
  return rows.map(toSent);
}

/** Nonces of lanes with this holder that were reserved and have no signed transaction yet. */
export async function readComing(
  tx: StoreTransaction,
  holder: string,
): Promise<{ lane: LaneId; nonce: bigint }[]> {
  const rows = await tx.query<{ chainId: string; address: string; nonce: string }>(
    `SELECT intent.chain_id AS "chainId", intent.address, intent.nonce FROM intent ${ofHolder}
       AND intent.nonce IS NOT NULL AND NOT intent.is_taken AND NOT intent.in_flight
       AND intent.status IN ('signing', 'parked')
     ORDER BY intent.nonce`,
    [holder],
  );
  return rows.map(({ chainId, address, nonce }) => ({ lane: { chainId, address }, nonce: BigInt(nonce) }));
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
  const { requester, intentId, chainId, address, nonce, confirmations, n, kind, hash, raw, isWithheld } = row;
  return {
    identity: { requester, intentId },
    lane: { chainId, address },
    nonce: BigInt(nonce),
    ...{ confirmations, n, kind, hash, raw, isWithheld },
  };
}
