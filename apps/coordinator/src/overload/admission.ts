import { type StoreTransaction } from '@quorate/event-store';
import { type RequesterLimits } from '@quorate/platform';
import { type Clock } from '../ports/clock.port';

/** For a requester whose entry of REQUESTERS_FILE has no `limits`. */
const DEFAULT_LIMITS: RequesterLimits = { perSecond: 1_000, burst: 10_000, open: 10_000 };
/** Open requests of all requesters, at all coordinators of this database. */
const MOST_OPEN = 20_000;

/** Why a request is not taken now. */
export interface Overload {
  readonly limit: 'perSecond' | 'open' | 'total';
  readonly reason: string;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Sheds what is too much before it costs a presignature: a rate for each requester, and a bound on what is open. The rate
 * goes by when requests arrive here, not by what their records say. Only new, valid requests are counted.
 */
export class Admission {
  private readonly buckets = new Map<string, Bucket>();
  /** Open requests as last counted, and what was taken in since then; what was answered since is not subtracted. */
  private readonly open = new Map<string, number>();
  private total = 0;

  constructor(
    private readonly limitsOf: (requester: string) => RequesterLimits | undefined,
    private readonly clock: Clock,
    private readonly mostOpen = MOST_OPEN,
  ) {}

  /** Counts again, if this many requests more could seem too many. Call before `refuse`, in the same transaction. */
  async prepare(tx: StoreTransaction, wanted: ReadonlyMap<string, number>): Promise<void> {
    const all = [...wanted.values()].reduce((sum, count) => sum + count, 0);
    const isClose = [...wanted].some(
      ([requester, count]) => this.openOf(requester) + count > this.of(requester).open,
    );
    if (!isClose && this.total + all <= this.mostOpen) return;
    // `sign:<requester>:<requestId>`, a colon in the requester as %3A.
    const rows = await tx.query<{ requester: string; open: number }>(
      `SELECT split_part(key, ':', 2) AS requester, count(*)::int AS open FROM due WHERE kind = 'sign' GROUP BY 1`,
    );
    this.open.clear();
    for (const { requester, open } of rows) this.open.set(requester.replaceAll('%3A', ':'), open);
    this.total = rows.reduce((sum, { open }) => sum + open, 0);
  }

  /** Takes the request in; or says why not. */
  refuse(requester: string): Overload | undefined {
    const limits = this.of(requester);
    if (this.total >= this.mostOpen) {
      return { limit: 'total', reason: `${this.mostOpen} requests are open: try again when some have ended` };
    }
    if (this.openOf(requester) >= limits.open) {
      return {
        limit: 'open',
        reason: `${limits.open} requests of ${requester} are open: try again when some have ended`,
      };
    }
    if (!this.takeToken(requester, limits)) {
      return {
        limit: 'perSecond',
        reason: `more than ${limits.perSecond} requests of ${requester} a second`,
      };
    }
    this.open.set(requester, this.openOf(requester) + 1);
    this.total += 1;
    return undefined;
  }

  private takeToken(requester: string, { perSecond, burst }: RequesterLimits): boolean {
    const now = this.clock.now().getTime();
    const bucket = this.buckets.get(requester) ?? { tokens: burst, at: now };
    const gained = (Math.max(0, now - bucket.at) / 1_000) * perSecond;
    const tokens = Math.min(burst, bucket.tokens + gained);
    const isThere = tokens >= 1;
    this.buckets.set(requester, { tokens: isThere ? tokens - 1 : tokens, at: now });
    return isThere;
  }

  private openOf(requester: string): number {
    return this.open.get(requester) ?? 0;
  }

  private of(requester: string): RequesterLimits {
    return this.limitsOf(requester) ?? DEFAULT_LIMITS;
  }
}
