import { pauseFor, type StructuredLogger } from '@quorate/messaging';
import { type Dispatcher } from './dispatcher';
import { type OutboxTable } from './outbox-table';

const INTERVAL_MS = 2000;
/** How long records wait for older ones of a process that lives but does not publish them, before these are published here. */
const LONGEST_WAIT_MS = 1000;

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

  /**
   * Waits until old rows of these streams are taken over or published, so that a stream's records do not overtake each
   * other when it moves from a dead process to this one. Postgres may need a moment to notice a death. Those of a process
   * that lives and stands still (it is paused, or Kafka is away from it) are published here; its own copies come later.
   */
  async precede(streamIds: string[]): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    for (;;) {
      await this.takeOver();
      if (!(await this.table.foreign(streamIds))) return;
      if (Date.now() > deadline) return this.seize(streamIds);
      await pauseFor(20);
    }
  }

  private async seize(streamIds: string[]): Promise<void> {
    const rows = await this.table.seize(streamIds);
    this.logger.warn({ rows }, 'Publishing outbox rows of a process that does not publish them');
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
