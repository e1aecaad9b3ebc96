import { type Block, type Call, type GasEstimate, type Receipt, type SendVerdict } from '@quorate/evm';

import { type Broadcast } from '../endpoints/fan-out';

/** One EVM chain. Calls that read throw Unavailable while no endpoint answers. */
export interface Chain {
  /** @throws Fatal when an endpoint serves another chain than the configured one. */
  check(): Promise<void>;
  /** The block at a height of the canonical chain, or its latest; undefined above the head. */
  block(at: number | 'latest'): Promise<Block | undefined>;
  /** The height up to which no reorganisation changes the chain. */
  finalizedNumber(): Promise<number>;
  /** All receipts of a block; undefined when it is not canonical. */
  blockReceipts(blockHash: string): Promise<Receipt[] | undefined>;
  /** The receipt of a transaction that is in a block. */
  receipt(hash: string): Promise<Receipt | undefined>;
  /** The first nonce of `address` that no mined transaction used. */
  transactionCount(address: string): Promise<number>;
  /** Wei. */
  balance(address: string): Promise<bigint>;
  /** The tip that is usual now, in wei per gas. */
  tip(): Promise<bigint>;
  estimateGas(call: Call): Promise<GasEstimate>;
  /** Sends the same bytes to every endpoint; one verdict each, in their order. */
  send(raw: string, hash: string): Promise<SendVerdict[]>;
  /**
   * Sends the same bytes to every endpoint at once.
   *
   * @param everAccepted whether an endpoint is known to have had them, before this process began, too.
   */
  broadcast(raw: string, hash: string, everAccepted: boolean): Broadcast;
}
