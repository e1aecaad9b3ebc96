import { type BlockId } from '../endpoints/endpoint-events';

/** What is remembered of a chain for ever, across restarts. */
export interface ChainMemory {
  /** The hash of the chain's first block; undefined before the first start. Decimal chain id. */
  genesisHash(chainId: string): Promise<string | undefined>;
  /** Remembers it unless one is remembered already; returns the one that counts. */
  rememberGenesis(chainId: string, hash: string): Promise<string>;
  /** The highest block that was remembered as final. */
  finalBlock(chainId: string): Promise<BlockId | undefined>;
  /** Remembers a final block, unless a higher one is remembered. */
  rememberFinal(chainId: string, block: BlockId): Promise<void>;
  forgetFinal(chainId: string): Promise<void>;
}
