import { type StructuredLogger } from '@quorate/messaging';
import { REMOVAL_MS } from './outbox-row';
import { type OutboxTable } from './outbox-table';

/**
 * Collects the rows that were published. The next transactions of this process delete them along the way; what no
 * transaction comes for is deleted by itself.
 */
export class PublishedRows {
  private waiting: bigint[] = [];
  private timer: NodeJS.Timeout | undefined;
  private removal: Promise<void> = Promise.resolve();
  private readonly carried = new Set<Promise<unknown>>();

  constructor(
    private readonly table: OutboxTable,
    private readonly logger: StructuredLogger,
  ) {}

  add(ids: bigint[]): void {
    this.waiting.push(...ids);
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), REMOVAL_MS);
  }

  /** Rows that a transaction deletes. */
  take(): bigint[] {
    const ids = this.waiting;
    this.waiting = [];
    return ids;
  }

  /** @param transaction rejects when it did not delete them: then they wait for the next one */
  carry(ids: bigint[], transaction: Promise<unknown>): void {
    const settled = transaction.catch(() => this.add(ids)).finally(() => this.carried.delete(settled));
    this.carried.add(settled);
  }

  /** Resolves when all rows added so far are deleted; throws Unavailable and tries again with the next ones. */
  async flush(): Promise<void> {
    await Promise.all(this.carried);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.removal = this.removal.catch(() => undefined).then(() => this.removeWaiting());
    await this.removal;
  }

  private async removeWaiting(): Promise<void> {
    const ids = this.take();
    if (ids.length === 0) return;
    try {
      await this.table.remove(ids);
    } catch (error) {
      this.logger.warn({ rows: ids.length, reason: String(error) }, 'Published rows not deleted yet');
      this.waiting.unshift(...ids);
      throw error;
    }
  }
}
