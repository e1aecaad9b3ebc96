import { type StructuredLogger } from '@quorate/messaging';
import { type OutboxTable } from './outbox-table';

const DELAY_MS = 20;

/** Collects the rows that were published and deletes them in batches, off the path of the records. */
export class PublishedRows {
  private waiting: bigint[] = [];
  private timer: NodeJS.Timeout | undefined;
  private removal: Promise<void> = Promise.resolve();

  constructor(
    private readonly table: OutboxTable,
    private readonly logger: StructuredLogger,
  ) {}

  add(ids: bigint[]): void {
    this.waiting.push(...ids);
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), DELAY_MS);
  }

  /** Resolves when all rows added so far are deleted; throws Unavailable and tries again with the next ones. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.removal = this.removal.catch(() => undefined).then(() => this.removeWaiting());
    await this.removal;
  }

  private async removeWaiting(): Promise<void> {
    const ids = this.waiting;
    if (ids.length === 0) return;
    this.waiting = [];
    try {
      await this.table.remove(ids);
    } catch (error) {
      this.logger.warn({ rows: ids.length, reason: String(error) }, 'Published rows not deleted yet');
      this.waiting.unshift(...ids);
      throw error;
    }
  }
}
