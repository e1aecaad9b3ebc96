import { type Consumer } from 'kafkajs';
import { type StructuredLogger } from '../structured-logger';

const INTERVAL_MS = 1000;

/**
 * Commits positions to Kafka about once a second. They are hints: for lag monitoring, for retention tools, and for
 * subscriptions that keep no position of their own, which may get up to a second of records again.
 */
export class CommitHints {
  private readonly waiting = new Map<number, bigint>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
    private readonly logger: StructuredLogger,
  ) {}

  add(partition: number, nextOffset: bigint): void {
    this.waiting.set(partition, nextOffset);
    this.timer ??= setTimeout(() => void this.flush(), INTERVAL_MS).unref();
  }

  /** Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const offsets = [...this.waiting].map(([partition, offset]) => ({
      topic: this.topic,
      partition,
      offset: String(offset),
    }));
    this.waiting.clear();
    if (offsets.length === 0) return;
    try {
      await this.consumer.commitOffsets(offsets);
    } catch (error) {
      this.logger.debug({ topic: this.topic, reason: String(error) }, 'Offsets not committed');
    }
  }
}
