/** Deadlines and retries: those that this process schedules are met on time, those of others within a second. */
import { type StructuredLogger } from '@quorate/messaging';
import { isPassing } from '@quorate/platform';
import { type DueRow, type EventStore, type StoreTransaction } from '../event-store';

/** How late a row may be taken that another process wrote, in milliseconds. */
const LOOK_MS = 1_000;
const RETRY_MS = 100;
/** Timers may be a little early, and Postgres goes by its own clock. */
const SLACK_MS = 5;
/** A longer timer would ring at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What to do about a row of each kind. */
export type DueActions = Readonly<Record<string, (tx: StoreTransaction, row: DueRow) => Promise<void>>>;

/** Acts on what was scheduled with {@link StoreTransaction.schedule} when its time has come. */
export class Deadlines {
  private readonly alarms = new Map<string, NodeJS.Timeout>();
  private actions: DueActions = {};
  private nextLook: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private running = false;
  private stopped = false;

  /**
   * @param rowsAtOnce rows that are acted on in one transaction: 1 where two rows are about the same stream
   */
  constructor(
    private readonly store: EventStore,
    private readonly rowsAtOnce: number,
    private readonly logger: StructuredLogger,
  ) {
    store.onScheduled((changes) => {
      for (const { kind, key, at } of changes) this.setAlarm(nameOf(kind, key), at);
    });
  }

  start(actions: DueActions): void {
    this.actions = actions;
    this.running = true;
    this.look();
  }

  /** Ends with the transaction that is under way. */
  async stop(): Promise<void> {
    this.running = false;
    this.stopped = true;
    clearTimeout(this.nextLook);
    for (const name of [...this.alarms.keys()]) this.setAlarm(name, undefined);
    await this.looking;
  }

  /** @param at undefined: what was set before is forgotten */
  private setAlarm(name: string, at: Date | undefined): void {
    clearTimeout(this.alarms.get(name));
    this.alarms.delete(name);
    if (at === undefined || this.stopped) return;
    const ring = (): void => {
      this.alarms.delete(name);
      this.look();
    };
    const untilThen = at.getTime() - Date.now() + SLACK_MS;
    this.alarms.set(name, setTimeout(ring, Math.min(untilThen, LONGEST_TIMER_MS)));
  }

  /** Looks now, and once more if a look is under way. */
  private look(): void {
    this.again = true;
    if (this.running) this.looking ??= this.lookWhileAsked();
  }

  private async lookWhileAsked(): Promise<void> {
    clearTimeout(this.nextLook);
    let pauseMs = LOOK_MS;
    while (this.again && this.running) {
      this.again = false;
      pauseMs = await this.takeAll();
    }
    this.looking = undefined;
    if (this.running) this.nextLook = setTimeout(() => this.look(), pauseMs);
  }

  /** Acts on every row that is due; returns after how many milliseconds to look again. */
  private async takeAll(): Promise<number> {
    try {
      while (this.running && (await this.take()) === this.rowsAtOnce);
      return LOOK_MS;
    } catch (error) {
      this.logger.warn({ err: error }, 'Deadlines wait');
      return isPassing(error) ? RETRY_MS : LOOK_MS;
    }
  }

  private take(): Promise<number> {
    return this.store.takeDue(Object.keys(this.actions), this.rowsAtOnce, async (tx, row) => {
      tx.afterCommit(() => this.setAlarm(nameOf(row.kind, row.key), undefined));
      await this.actions[row.kind]?.(tx, row);
    });
  }
}

function nameOf(kind: string, key: string): string {
  return `${kind}/${key}`;
}
