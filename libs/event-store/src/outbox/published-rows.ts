import { type StructuredLogger } from '@quorate/messaging';
import { REMOVAL_MS } from './outbox-row';
import { type OutboxTable } from './outbox-table';

/**
 * Collects the rows that were published. The next transactions of this process delete them along the way; what no
 * transaction comes for is deleted by itself.
 */
export class PublishedRows {
  private readonly waiting: bigint[] = [];
  private timer: NodeJS.Timeout | undefined;
  private removal: Promise<void> = Promise.resolve();
  private readonly carried = new Set<Promise<void>>();

  constructor(
    private readonly table: Pick<OutboxTable, 'remove'>,
    private readonly logger: StructuredLogger,
  ) {}

  add(ids: bigint[]): void {
    this.waiting.push(...ids);
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), REMOVAL_MS);
  }

  /** Has a transaction delete what waits. What it does not delete, because it fails, waits again. */
  carry<T>(transaction: (ids: readonly bigint[]) => Promise<T>): Promise<T> {
    const ids = this.take();
    const done = transaction(ids);
    if (ids.length === 0) return done;
    const settled = done.then(
      () => void this.carried.delete(settled),
      () => {
        this.carried.delete(settled);
        this.add(ids);
      },
    );
    this.carried.add(settled);
    return done;
  }

  /** Resolves when all rows added so far are deleted; throws Unavailable and tries again with the next ones. */
  async flush(): Promise<void> {
    await Promise.all(this.carried);
    this.removal = this.removal.catch(() => undefined).then(() => this.removeWaiting());
    await this.removal;
  }

  private take(): bigint[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.waiting.splice(0);
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
