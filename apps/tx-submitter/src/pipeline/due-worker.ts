/** Takes deadlines and retries when they are due, whichever process wrote them. */
import { type DueRow, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger, QuorateError } from '@quorate/platform';

const pollMs = 100;

/** What to do about a row of each kind. */
export type DueActions = Record<string, (tx: StoreTransaction, row: DueRow) => Promise<void>>;

export class DueWorker {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly actions: DueActions,
    private readonly logger: Logger,
    private readonly onFatal: (error: Error) => void,
  ) {}

  start(): void {
    void this.poll();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    try {
      // One row a transaction: two rows of one intent would not see each other's events.
      while (!this.stopped && (await this.takeOne()) > 0);
    } catch (error) {
      if (!(error instanceof QuorateError) || (error.kind !== 'unavailable' && error.kind !== 'conflict')) {
        if (!this.stopped) this.onFatal(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.logger.warn({ err: error }, 'deadlines wait');
    }
    if (!this.stopped) this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  private takeOne(): Promise<number> {
    return this.store.takeDue(Object.keys(this.actions), 1, async (tx, row) => {
      await this.actions[row.kind]?.(tx, row);
    });
  }
}
