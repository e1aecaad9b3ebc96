/** Deadlines and retries: those of this process are taken on time, those of others within a second. */
import { type DueRow, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger, QuorateError } from '@quorate/platform';

/** How late a row may be taken that another process wrote, in milliseconds. */
const lookMs = 1_000;
const retryMs = 100;
/** Timers may be a little early, and Postgres goes by its own clock. */
const slackMs = 5;

/** What to do about a row of each kind. */
export type DueActions = Record<string, (tx: StoreTransaction, row: DueRow) => Promise<void>>;

/** For those who set deadlines: rows of the table `due`, which any process takes. */
export type Schedule = Pick<Deadlines, 'set' | 'cancel'>;

export class Deadlines {
  private readonly alarms = new Map<string, NodeJS.Timeout>();
  private actions: DueActions = {};
  private nextLook: NodeJS.Timeout | undefined;
  private looking = false;
  private again = false;
  private running = false;
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly logger: Logger,
    private readonly onFatal: (error: Error) => void,
  ) {}

  /** Has (kind, key) acted on at a time, with the commit of `tx`; replaces an earlier time. */
  set(tx: StoreTransaction, kind: string, key: string, at: Date, data?: unknown): void {
    tx.schedule(kind, key, at, data);
    tx.afterCommit(() => this.setAlarm(nameOf(kind, key), at));
  }

  /** Has nothing done about (kind, key), with the commit of `tx`. */
  cancel(tx: StoreTransaction, kind: string, key: string): void {
    tx.cancelDue(kind, key);
    tx.afterCommit(() => this.clearAlarm(nameOf(kind, key)));
  }

  start(actions: DueActions): void {
    this.actions = actions;
    this.running = true;
    void this.look();
  }

  stop(): void {
    this.running = false;
    this.stopped = true;
    clearTimeout(this.nextLook);
    for (const name of [...this.alarms.keys()]) this.clearAlarm(name);
  }

  private setAlarm(name: string, at: Date): void {
    this.clearAlarm(name);
    if (this.stopped) return;
    const ring = (): void => {
      this.alarms.delete(name);
      void this.look();
    };
    this.alarms.set(name, setTimeout(ring, at.getTime() - Date.now() + slackMs));
  }

  private clearAlarm(name: string): void {
    clearTimeout(this.alarms.get(name));
    this.alarms.delete(name);
  }

  private async look(): Promise<void> {
    this.again = this.looking;
    if (this.looking || !this.running) return;
    this.looking = true;
    clearTimeout(this.nextLook);
    let pauseMs: number;
    do {
      this.again = false;
      pauseMs = await this.takeAll();
    } while (this.again && this.running);
    this.looking = false;
    if (this.running) this.nextLook = setTimeout(() => void this.look(), pauseMs);
  }

  /** Acts on every row that is due; returns after how many milliseconds to look again. */
  private async takeAll(): Promise<number> {
    try {
      // One row a transaction: two rows of one intent would not see each other's events.
      while (this.running && (await this.takeOne()) > 0);
      return lookMs;
    } catch (error) {
      if (error instanceof QuorateError && (error.kind === 'unavailable' || error.kind === 'conflict')) {
        this.logger.warn({ err: error }, 'deadlines wait');
        return retryMs;
      }
      if (this.running) this.onFatal(error instanceof Error ? error : new Error(String(error)));
      this.running = false;
      return lookMs;
    }
  }

  private takeOne(): Promise<number> {
    return this.store.takeDue(Object.keys(this.actions), 1, async (tx, row) => {
      tx.afterCommit(() => this.clearAlarm(nameOf(row.kind, row.key)));
      await this.actions[row.kind]?.(tx, row);
    });
  }
}

function nameOf(kind: string, key: string): string {
  return `${kind}/${key}`;
}
