/**
 * Which chain is ours: its id is configured, its first block is remembered from the first start on. A test chain that was
 * begun anew, or a fork with the same id, is another chain.
 */
import { type JsonRpcEndpoint } from '@quorate/evm';

import { type ChainMemory } from '../ports/chain-memory.port';

/** `other` and `unsettled` (nobody can tell yet) with why. */
export type IdentityVerdict = { kind: 'ours' } | { kind: 'other' | 'unsettled'; reason: string };

export class ChainIdentity {
  /** Endpoints that named another chain id when they were asked last. */
  readonly foreign = new Set<string>();
  private genesis: string | undefined;
  /** What endpoints called the first block, by endpoint, while none is remembered. */
  private readonly claims = new Map<string, string>();

  /** @param quorum endpoints that must name the same first block before it is remembered. */
  constructor(
    private readonly chainId: bigint,
    private readonly quorum: number,
    private readonly memory: Pick<ChainMemory, 'genesisHash' | 'rememberGenesis'>,
  ) {}

  /**
   * Asks an endpoint which chain it serves.
   *
   * @throws Unavailable when it, or the memory, does not answer.
   */
  async verify(endpoint: Pick<JsonRpcEndpoint, 'name' | 'chainId' | 'block'>): Promise<IdentityVerdict> {
    const served = await endpoint.chainId();
    if (served !== this.chainId) {
      this.foreign.add(endpoint.name);
      return other(`it serves chain ${served}, not ${this.chainId}`);
    }
    this.foreign.delete(endpoint.name);
    const first = await endpoint.block(0);
    if (first === undefined) return { kind: 'unsettled', reason: 'it does not show its first block' };
    const genesis = await this.remembered(endpoint.name, first.hash);
    if (genesis === undefined) {
      const reason = `its first block ${first.hash} is not confirmed by another endpoint of RPC_URLS yet`;
      return { kind: 'unsettled', reason };
    }
    if (genesis === first.hash) return { kind: 'ours' };
    return other(`its first block is ${first.hash}; this submitter began on a chain with ${genesis}`);
  }

  private async remembered(endpoint: string, claim: string): Promise<string | undefined> {
    const chain = this.chainId.toString();
    this.genesis ??= await this.memory.genesisHash(chain);
    if (this.genesis !== undefined) return this.genesis;
    this.claims.set(endpoint, claim);
    const supporters = [...this.claims.values()].filter((hash) => hash === claim).length;
    if (supporters < this.quorum) return undefined;
    this.genesis = await this.memory.rememberGenesis(chain, claim);
    return this.genesis;
  }
}

function other(reason: string): IdentityVerdict {
  return { kind: 'other', reason };
}
