/**
 * Seeded randomness: the same seed gives the same faults and the same load. Mulberry32; what needs unpredictable bytes
 * (nonces of requests, keys) does not come from here.
 */
export class Random {
  private state: number;

  /** @param seed a 32-bit whole number */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to below `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `times`, on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** @throws RangeError when there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    const [chosen] = choices.slice(this.below(choices.length));
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  }

  /** `count` different ones, or all. */
  sample<T>(choices: readonly T[], count: number): T[] {
    const left = [...choices];
    const chosen: T[] = [];
    while (chosen.length < count && left.length > 0) chosen.push(...left.splice(this.below(left.length), 1));
    return chosen;
  }
}
