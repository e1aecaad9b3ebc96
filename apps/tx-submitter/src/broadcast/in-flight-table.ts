import { type StoreTransaction } from '@quorate/event-store';

import { type InFlightTransaction } from './in-flight';

interface InFlightRow {
  requester: string;
  intentId: string;
  chainId: string;
  address: string;
  nonce: string;
  status: string;
  confirmations: number;
  blockNumber: string | null;
  blockHash: string | null;
  hash: string;
  raw: string;
}

/** Committed transactions of a chain that have no final outcome, without those whose hashes are `known`. */
export async function readInFlight(
  tx: StoreTransaction,
  chainId: string,
  known: string[],
): Promise<InFlightTransaction[]> {
  const rows = await tx.query<InFlightRow>(
    `SELECT intent.requester, intent.intent_id AS "intentId", intent.chain_id AS "chainId", intent.address,
       intent.nonce, intent.status, intent.confirmations, intent.block_number AS "blockNumber",
       intent.block_hash AS "blockHash", attempt.hash, attempt.raw
     FROM intent JOIN attempt ON attempt.hash = intent.hash
     WHERE intent.hash IS NOT NULL AND intent.status IN ('signing', 'broadcast', 'included')
       AND intent.chain_id = $1 AND NOT intent.hash = ANY($2)
     ORDER BY intent.nonce`,
    [chainId, known],
  );
  return rows.map(toTransaction);
}

function toTransaction(row: InFlightRow): InFlightTransaction {
  const { requester, intentId, chainId, address, nonce, hash, raw, confirmations, blockNumber, blockHash } =
    row;
  const block =
    blockNumber === null || blockHash === null ? undefined : { number: Number(blockNumber), hash: blockHash };
  return {
    identity: { requester, intentId },
    lane: { chainId, address },
    nonce: BigInt(nonce),
    ...{ hash, raw, confirmations, block },
    noted: row.status !== 'signing',
  };
}
