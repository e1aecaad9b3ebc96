/** Up to which block nothing changes any more, and whether what was final still is. */
import { Turns } from '@quorate/platform';

import { type ChainMemory } from '../ports/chain-memory.port';
import { type ChainTrust } from './chain-trust';
import { type BlockId } from './endpoint-events';
import { type EndpointSet } from './endpoint-set';
import { agreedBlock, askAll, refusedAsNone } from './quorum-reads';

/** When a block is final: by the node's tag, or so many blocks below the head where there is no such tag. */
export interface FinalityRule {
  tag: 'finalized' | 'safe' | 'none';
  depth: number;
}

/** How often the last final block is written down, in milliseconds: an older one is final, too. */
const rememberEveryMs = 10_000;
/** How long all heads may be below the last final block, in milliseconds: endpoints may be behind. */
const belowMs = 30_000;

export interface FinalityParts {
  endpoints: EndpointSet;
  /** Endpoints that must say the same. */
  quorum: number;
  rule: FinalityRule;
  /** Decimal. */
  chainId: string;
  memory: Pick<ChainMemory, 'finalBlock' | 'rememberFinal' | 'forgetFinal'>;
  trust: ChainTrust;
  now: () => number;
}

export class Finality {
  /** The last block that was final, also before this process began. */
  private final: BlockId | undefined;
  /** The one that is written down, as far as this process knows. */
  private written: BlockId | undefined;
  private writtenAt: number | undefined;
  /** Since when all heads are below it. */
  private belowSince: number | undefined;
  /** The look under way, which everybody who asks meanwhile shares. */
  private looking: Promise<BlockId | undefined> | undefined;
  /** One at a time: what was read before the final block was forgotten must not be judged after it. */
  private readonly turns = new Turns();

  constructor(private readonly parts: FinalityParts) {}

  /**
   * The highest block that a quorum of endpoints calls final; undefined while it cannot be told. It never goes back: when
   * the chain shows another block at a height that was final, the chain is in doubt, until it shows the old one again or an
   * operator has that forgotten.
   *
   * @throws Unavailable when what is remembered cannot be read.
   */
  latest(): Promise<BlockId | undefined> {
    this.looking ??= this.turns
      .take(() => this.look())
      .finally(() => {
        this.looking = undefined;
      });
    return this.looking;
  }

  /** Takes the chain as it is: what was final on another is forgotten. */
  forget(): Promise<void> {
    return this.turns.take(async () => {
      await this.parts.memory.forgetFinal(this.parts.chainId);
      this.beginAnew();
    });
  }

  private async look(): Promise<BlockId | undefined> {
    await this.recall();
    if (this.final !== undefined && !(await this.isCanonical(this.final))) return undefined;
    const height = await this.height();
    const block = height === undefined ? undefined : await this.agreed(height);
    if (block !== undefined && (this.final === undefined || block.number > this.final.number))
      await this.advance(block);
    return this.final;
  }

  /** Reads what is remembered: at the start, and while the chain is in doubt, for an operator may have ended that. */
  private async recall(): Promise<void> {
    const { memory, chainId, trust } = this.parts;
    if (this.writtenAt !== undefined && !trust.has('finality')) return;
    const remembered = await memory.finalBlock(chainId);
    if (this.writtenAt === undefined) this.final = remembered;
    else if (remembered === undefined && this.written !== undefined) this.beginAnew();
    this.written = remembered;
    this.writtenAt ??= -Infinity;
  }

  private beginAnew(): void {
    this.final = undefined;
    this.written = undefined;
    this.belowSince = undefined;
    this.parts.trust.trust('finality', 'operator');
  }

  private async isCanonical({ number, hash }: BlockId): Promise<boolean> {
    const { trust } = this.parts;
    const shown = await this.agreed(number);
    if (shown?.hash === hash) {
      this.belowSince = undefined;
      trust.trust('finality', 'chain');
      return true;
    }
    if (shown !== undefined)
      trust.suspect('finality', `block ${number} was final as ${hash}, and is ${shown.hash} now`);
    else if (this.isAboveAll(number))
      trust.suspect('finality', `block ${number} was final, and all heads are below it now`);
    return false;
  }

  private isAboveAll(height: number): boolean {
    const { endpoints, quorum, now } = this.parts;
    const heads = endpoints.witnesses(0).flatMap(({ track }) => track.head?.number ?? []);
    const isAbove = heads.length >= quorum && heads.every((head) => head < height);
    this.belowSince = isAbove ? (this.belowSince ?? now()) : undefined;
    return this.belowSince !== undefined && now() - this.belowSince >= belowMs;
  }

  private async height(): Promise<number | undefined> {
    const { endpoints, quorum, rule } = this.parts;
    const { tag, depth } = rule;
    if (tag !== 'none') {
      const heights = await askAll(endpoints.witnesses(0), (endpoint) => {
        return endpoint.read((rpc) => rpc.block(tag)).catch(refusedAsNone);
      });
      const tagged = heights.flatMap(({ answer }) => (answer === undefined ? [] : [answer.number]));
      if (tagged.length > 0) return tagged.sort((a, b) => b - a)[quorum - 1];
      if (heights.length === 0) return undefined;
    }
    const head = endpoints.head?.number;
    return head === undefined || head < depth ? undefined : head - depth;
  }

  private async advance(block: BlockId): Promise<void> {
    const { memory, chainId, now } = this.parts;
    this.final = block;
    if (now() - (this.writtenAt ?? -Infinity) < rememberEveryMs) return;
    await memory.rememberFinal(chainId, block);
    this.written = block;
    this.writtenAt = now();
  }

  private agreed(height: number): Promise<BlockId | undefined> {
    return agreedBlock(this.parts.endpoints, this.parts.quorum, height);
  }
}
