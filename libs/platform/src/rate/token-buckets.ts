/** A bucket holds tokens for `burst` calls at once, and gets `perSecond` new ones. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Beyond so many, those that were used longest ago are forgotten: callers cannot make the process grow. */
const MOST_BUCKETS = 10_000;

/** A token bucket for each of those who call. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  /** @param now ms of a clock that never goes back */
  constructor(
    private readonly rate: Rate,
    private readonly now: () => number,
  ) {}

  /** Seconds until the next token is there; 0 when one is. Takes none. */
  wait(key: string): number {
    return Math.max(0, 1 - this.bucket(key).tokens) / this.rate.perSecond;
  }

  /** Takes a token. @returns 0; or, when there is none, the seconds until the next one. */
  take(key: string): number {
    const bucket = this.bucket(key);
    const wait = this.wait(key);
    if (wait === 0) bucket.tokens -= 1;
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MOST_BUCKETS && oldest !== undefined) this.buckets.delete(oldest);
    return wait;
  }

  private bucket(key: string): Bucket {
    const { perSecond, burst } = this.rate;
    const at = this.now();
    const { tokens, at: before } = this.buckets.get(key) ?? { tokens: burst, at };
    return { tokens: Math.min(burst, tokens + ((at - before) / 1_000) * perSecond), at };
  }
}
