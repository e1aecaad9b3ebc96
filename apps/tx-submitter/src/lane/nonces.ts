import { type LaneRow } from './lane-table';

/** The nonces that a lane can give away now: first those that were given back, then new ones up to its window. */
export class Nonces {
  readonly taken: bigint[] = [];
  nextNonce: bigint;
  private readonly vacant: bigint[];
  private readonly end: bigint;

  constructor(row: Pick<LaneRow, 'nextNonce' | 'vacant'>, chainNonce: bigint, window: number) {
    this.nextNonce = row.nextNonce;
    this.vacant = [...row.vacant];
    this.end = chainNonce + BigInt(window);
  }

  /** Undefined when the window is full. */
  get next(): bigint | undefined {
    return this.vacant[0] ?? (this.nextNonce < this.end ? this.nextNonce : undefined);
  }

  take(): void {
    const nonce = this.next;
    if (nonce === undefined) return;
    if (this.vacant.shift() === undefined) this.nextNonce += 1n;
    this.taken.push(nonce);
  }
}
