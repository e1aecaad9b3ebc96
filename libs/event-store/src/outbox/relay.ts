import { type StructuredLogger } from '@quorate/messaging';
import { type Dispatcher } from './dispatcher';
import { type OutboxTable } from './outbox-table';

const INTERVAL_MS = 2000;

/** Looks for outbox rows of dead processes, at the start, every two seconds, and when a transaction meets some. */
export class Relay {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly table: OutboxTable,
    private readonly dispatcher: Dispatcher,
    private readonly logger: StructuredLogger,
  ) {}

  /** Takes over what is there; throws Unavailable. */
  async takeOver(): Promise<void> {
    const rows = await this.table.takeOver();
    if (rows === 0) return;
    this.logger.info({ rows }, 'Took over outbox rows of a dead process');
    this.dispatcher.readTable();
  }

  /** Takes over now and then periodically. */
  async start(): Promise<void> {
    await this.takeOver();
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.takeOver()
        .catch((error: unknown) =>
          this.logger.warn({ reason: String(error) }, 'Looking for dead owners failed'),
        )
        .finally(() => this.schedule());
    }, INTERVAL_MS);
  }
}
