/** The heads that one endpoint showed, and what it knows of the blocks below. */
import { type Block } from '@quorate/evm';

/** Block hashes that are remembered. */
const memory = 256;
/** Steps forward after which a head that went back is taken for the chain's own. */
const recovery = 3;
/** Weight of the newest pause between blocks in their mean. */
const freshness = 0.2;

export class HeadTrack {
  /** The last head; undefined before the first. */
  head: Block | undefined;
  /** When its number last rose, in milliseconds since 1970. */
  advancedAt = 0;
  /** Mean milliseconds between rises; undefined before the second. */
  blockMs: number | undefined;
  /** The highest number before the head went back; undefined when it did not, or has recovered. */
  fellFrom: number | undefined;
  private stepsSinceFall = 0;
  private readonly hashes = new Map<number, string>();

  /** Takes in the head that the endpoint shows now. */
  note(head: Block, now: number): void {
    const { head: before } = this;
    if (before?.hash === head.hash) return;
    this.head = head;
    this.remember(head);
    if (before === undefined) this.advancedAt = now;
    else if (head.number > before.number) this.advance(head.number - before.number, now);
    else if (head.number < before.number) this.fall(before.number);
    if (this.fellFrom !== undefined && (head.number >= this.fellFrom || this.stepsSinceFall >= recovery))
      this.fellFrom = undefined;
  }

  /** The hash of a block on this endpoint's chain, as far as it is known. */
  hashAt(number: number): string | undefined {
    return this.hashes.get(number);
  }

  /** How many block hashes are known. */
  get known(): number {
    return this.hashes.size;
  }

  /** The heights whose hashes are known, highest first. */
  get heights(): number[] {
    return [...this.hashes.keys()].sort((a, b) => b - a);
  }

  /** Takes in a block below the head that the endpoint showed. */
  learn({ number, hash }: Pick<Block, 'number' | 'hash'>): void {
    if (this.head !== undefined && number < this.head.number) this.hashes.set(number, hash);
  }

  private advance(blocks: number, now: number): void {
    const pause = (now - this.advancedAt) / blocks;
    this.blockMs = this.blockMs === undefined ? pause : this.blockMs + freshness * (pause - this.blockMs);
    this.advancedAt = now;
    this.stepsSinceFall += 1;
  }

  private fall(from: number): void {
    this.fellFrom = Math.max(from, this.fellFrom ?? 0);
    this.stepsSinceFall = 0;
  }

  private remember({ number, hash, parentHash }: Block): void {
    // With another parent than was known, nothing that is known below need be true.
    const parent = this.hashes.get(number - 1);
    if (parent !== undefined && parent !== parentHash) this.hashes.clear();
    for (const height of this.hashes.keys()) if (height > number) this.hashes.delete(height);
    this.hashes.set(number - 1, parentHash);
    this.hashes.set(number, hash);
    const [...heights] = this.hashes.keys();
    for (const height of heights.slice(0, -memory)) this.hashes.delete(height);
  }
}
