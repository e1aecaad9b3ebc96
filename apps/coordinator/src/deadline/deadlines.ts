import { type DueRow, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger, QuorateError } from '@quorate/platform';

/** Rows that this coordinator did not schedule itself are at most this late. */
const LOOK_EVERY_MS = 500;
const ROWS_AT_ONCE = 32;

export type DueHandlers = Readonly<Record<string, (tx: StoreTransaction, row: DueRow) => Promise<void>>>;

/** Acts on rows whose next_action_at has come. Any coordinator takes any row, so none waits for a dead one. */
export class Deadlines {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = true;

  constructor(
    private readonly store: EventStore,
    private readonly handlers: DueHandlers,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopped = false;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Looks at a row that is due sooner than the next regular look. */
  lookIn(ms: number): void {
    setTimeout(() => this.look(), ms).unref();
  }

  /** Looks now, once more if a look is under way. */
  look(): void {
    if (this.stopped) return;
    if (this.looking !== undefined) {
      this.again = true;
      return;
    }
    this.looking = this.takeAll().finally(() => {
      this.looking = undefined;
      if (this.again) {
        this.again = false;
        this.look();
      }
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
  }

  private async takeAll(): Promise<void> {
    try {
      let taken = ROWS_AT_ONCE;
      while (taken === ROWS_AT_ONCE && !this.stopped) {
        taken = await this.store.takeDue(Object.keys(this.handlers), ROWS_AT_ONCE, (tx, row) =>
          this.handle(tx, row),
        );
      }
    } catch (error) {
      // A conflict means that a record was handled meanwhile: the rows are still there for the next look.
      if (error instanceof QuorateError && error.kind === 'conflict')
        this.logger.debug({ err: error }, 'deadlines again');
      else this.logger.warn({ err: error }, 'deadlines cannot be looked at');
    }
  }

  private async handle(tx: StoreTransaction, row: DueRow): Promise<void> {
    await this.handlers[row.kind]?.(tx, row);
  }
}
