/** The last blocks of the canonical chain as they were seen, and how a new head changes them. */
import { type Block } from '@quorate/evm';

import { type Chain } from '../ports/chain.port';

/** Blocks that are remembered, and the longest way back that is walked. */
const memory = 256;

/**
 * `same`: nothing new. `moved`: `dropped` left the chain, `added` joined it, oldest first. `lost`: the new head is too
 * far from everything that is remembered, so that each transaction must be looked up. `unsettled`: the chain changed
 * while it was read, look again.
 */
export type HeadChange =
  | { kind: 'same' }
  | { kind: 'unsettled' }
  | { kind: 'moved'; added: Block[]; dropped: Block[] }
  | { kind: 'lost' };

export class CanonicalChain {
  private blocks: Block[] = [];

  /** The latest block; undefined before the first. */
  get head(): Block | undefined {
    return this.blocks.at(-1);
  }

  /** Finds out what a new head changes, without taking it over. */
  async compare(head: Block, chain: Pick<Chain, 'block'>): Promise<HeadChange> {
    if (this.head?.hash === head.hash) return { kind: 'same' };
    if (this.blocks.length === 0) return { kind: 'lost' };
    const known = this.blocks.findIndex((block) => block.hash === head.hash);
    if (known >= 0) return { kind: 'moved', added: [], dropped: this.blocks.slice(known + 1) };
    const added = [head];
    for (let oldest = head; ;) {
      const parent = this.blocks.findIndex((block) => block.hash === oldest.parentHash);
      if (parent >= 0) return { kind: 'moved', added, dropped: this.blocks.slice(parent + 1) };
      if (added.length >= memory || oldest.number <= (this.blocks[0]?.number ?? 0)) return { kind: 'lost' };
      const before = await chain.block(oldest.number - 1);
      if (before === undefined || before.hash !== oldest.parentHash) return { kind: 'unsettled' };
      added.unshift(before);
      oldest = before;
    }
  }

  /** Takes a change over. */
  apply(change: Extract<HeadChange, { kind: 'moved' }>): void {
    const kept = this.blocks.slice(0, this.blocks.length - change.dropped.length);
    this.blocks = [...kept, ...change.added].slice(-memory);
  }

  /** Begins anew at a head. */
  restart(head: Block): void {
    this.blocks = [head];
  }
}
