/** What the HTTP API shows of an intent and its transaction. Chain values are decimal strings. */
export interface TransactionView {
  intentId: string;
  requester: string;
  status: string;
  /** Null until the key is known. */
  lane: { chainId: string; address: string } | null;
  nonce: string | null;
  hash: string | null;
  attempts: AttemptView[];
  block: { number: string; hash: string } | null;
  /** Why it waits, while it is parked. */
  parked: { code: string; reason: string } | null;
  /** Blocks that hold or follow the transaction now. */
  confirmations: number;
}

export interface AttemptView {
  n: number;
  kind: string;
  hash: string | null;
  maxFeePerGas: string;
  maxPriorityFeePerGas: string;
  status: string;
}

/** A row of the table intent, with its attempts. */
export interface TransactionRow {
  arrival: string;
  intentId: string;
  requester: string;
  status: string;
  chainId: string;
  address: string | null;
  nonce: string | null;
  hash: string | null;
  blockNumber: string | null;
  blockHash: string | null;
  parkedCode: string | null;
  parkedReason: string | null;
  attempts: AttemptView[];
}

/** @param head the number of the latest block; undefined while the chain was not seen. */
export function transactionView(row: TransactionRow, head: number | undefined): TransactionView {
  const { intentId, requester, status, chainId, address, nonce, hash, blockNumber, blockHash, attempts } =
    row;
  const block = blockNumber === null || blockHash === null ? null : { number: blockNumber, hash: blockHash };
  return {
    ...{ intentId, requester, status },
    lane: address === null ? null : { chainId, address },
    ...{ nonce, hash, attempts, block },
    parked: status === 'parked' ? { code: row.parkedCode ?? '', reason: row.parkedReason ?? '' } : null,
    confirmations: block === null || head === undefined ? 0 : Math.max(0, head - Number(block.number) + 1),
  };
}
