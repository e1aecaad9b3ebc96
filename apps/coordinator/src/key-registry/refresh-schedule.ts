import { type StoreTransaction } from '@quorate/event-store';
import { type Clock } from '../ports/clock.port';

const HOUR_MS = 3_600_000;
/** A refresh comes up to this part of the interval earlier, so that keys do not all move at once. */
const JITTER = 0.1;
/** After a failure the next refresh is tried at least this soon. */
const AFTER_FAILURE_MS = HOUR_MS;
/** As soon as the nodes allow another refresh. */
const REPAIR_MS = 10 * 60_000;

/**
 * When to refresh a key whose shares were made at `from`; undefined when keys are not refreshed by themselves. Pure.
 * @param random in [0, 1)
 */
export function nextRefreshAt(from: Date, intervalHours: number, random: number): Date | undefined {
  if (intervalHours === 0) return undefined;
  return new Date(from.getTime() + intervalHours * HOUR_MS * (1 - JITTER * random));
}

/** The refreshes that are due: one row per key, which any coordinator takes. */
export class RefreshSchedule {
  /**
   * @param intervalHours 0: no refresh by itself
   * @param random in [0, 1)
   */
  constructor(
    private readonly intervalHours: number,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  /** New shares are in use. */
  afterChange(tx: StoreTransaction, keyId: string, madeAt: Date): void {
    this.set(tx, keyId, nextRefreshAt(madeAt, this.intervalHours, this.random()));
  }

  afterFailure(tx: StoreTransaction, keyId: string): void {
    const hours = Math.min(this.intervalHours, AFTER_FAILURE_MS / HOUR_MS);
    this.set(tx, keyId, nextRefreshAt(this.clock.now(), hours, this.random()));
  }

  /** The nodes hold shares that do not work: only the next ones can serve requests, so they come whatever the interval. */
  repair(tx: StoreTransaction, keyId: string): void {
    this.set(tx, keyId, new Date(this.clock.now().getTime() + REPAIR_MS));
  }

  end(tx: StoreTransaction, keyId: string): void {
    tx.cancelDue('key-refresh', keyId);
  }

  private set(tx: StoreTransaction, keyId: string, at: Date | undefined): void {
    if (at === undefined) tx.cancelDue('key-refresh', keyId);
    else tx.schedule('key-refresh', keyId, at);
  }
}
