import {
  type Block,
  type Call,
  type FeeMarket,
  type MinedTransaction,
  type Receipt,
  type Simulation,
} from '@quorate/evm';

import { type BlockId, type EndpointListener } from '../endpoints/endpoint-events';
import { type Broadcast } from '../endpoints/fan-out';

/** The head of the chain that most endpoints show. */
export interface ChainHead extends BlockId {
  /** When it last rose, in milliseconds since 1970: a chain that stands still must not make fees rise. */
  advancedAt: number;
  /** Whether as many endpoints show another chain. */
  disputed: boolean;
}

/** What the endpoints that answer say. One alone that is ahead may be wrong, and the others may be behind. */
export interface TransactionCount {
  /** As a quorum of them has seen. */
  agreed: number;
  /** As any of them has seen. */
  highest: number;
}

/**
 * One EVM chain, through several endpoints. Calls that read throw Unavailable while no endpoint answers. What they give is
 * one endpoint's word, unless they say that it is a quorum's: that of two endpoints, or of the only one that serves the
 * chain. One that fails for a moment is waited for.
 */
export interface Chain {
  /**
   * Begins to follow the endpoints; resolves when a head is known.
   *
   * @throws Fatal when every endpoint serves another chain id than the configured one at the first look.
   */
  check(): Promise<void>;
  /** The head that is followed; undefined while no endpoint shows one. */
  head(): ChainHead | undefined;
  /** The block at a height of the canonical chain, or the latest that a quorum has reached; undefined above the head. */
  block(at: number | 'latest'): Promise<Block | undefined>;
  /** The block at a height, when a quorum shows the same one and nobody another. */
  agreedBlock(height: number): Promise<BlockId | undefined>;
  /** The receipts of some transactions of a block, those that a quorum has alike. */
  receiptsIn(block: BlockId, hashes: readonly string[]): Promise<Receipt[]>;
  /** The receipt of a transaction, when a quorum has it alike; `absent` when a quorum has none. */
  receipt(hash: string): Promise<Receipt | 'absent' | 'unknown'>;
  /** How many transactions of `address` are mined: its first unused nonce. */
  transactionCount(address: string): Promise<TransactionCount>;
  /** Wei. */
  balance(address: string): Promise<bigint>;
  /** What a transaction in the block after `head` has to offer. */
  feeMarket(head: Block): Promise<FeeMarket>;
  /**
   * What would become of a call now. That it fails is true when a quorum of endpoints says so, with and without what
   * their pools hold; `unknown` with why when nobody can tell just now.
   */
  simulate(call: Call): Promise<Simulation | { kind: 'unknown'; reason: string }>;
  /** What becomes of a call on the state after the block at a height, as one endpoint says. */
  replay(call: Call, height: number): Promise<Simulation>;
  /**
   * Sends the same bytes to every endpoint at once.
   *
   * @param everAccepted whether an endpoint is known to have had them, before this process began, too.
   */
  broadcast(raw: string, hash: string, everAccepted: boolean): Broadcast;
  /**
   * Whether a transaction is neither mined nor pooled. `present` when any endpoint has it; `absent` when a quorum of
   * endpoints (two, or the only one) whose heads are at least at `sinceHeight` does not know it; otherwise `unknown`.
   */
  absent(hash: string, sinceHeight: number): Promise<'absent' | 'present' | 'unknown'>;
  /** Whether a mined (and final) transaction of `address` has this nonce, as a quorum of endpoints says. */
  nonceUsed(
    address: string,
    nonce: bigint,
    tag: 'latest' | 'finalized',
  ): Promise<'used' | 'unused' | 'unknown'>;
  /**
   * What endpoints show as the transaction of `address` whose nonce is used at a final height: each is one endpoint's word.
   */
  spenders(address: string, nonce: bigint): Promise<MinedTransaction[]>;
  /** The highest block that a quorum of endpoints calls final; never goes back; undefined while it cannot be told. */
  finality(): Promise<BlockId | undefined>;
  /** Why the chain is not taken for the one that transactions were made for; undefined when it is. */
  suspicion(): string | undefined;
  /** Has a chain whose final blocks are others than before taken as it is. */
  trustAgain(): Promise<void>;
  /** Calls the listener with everything that happens to the endpoints from now on. */
  onEvent(listener: EndpointListener): void;
  /** Asks and sends nothing more: what is under way fails at once. */
  close(): void;
}
