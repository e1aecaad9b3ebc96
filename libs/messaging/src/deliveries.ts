import { type Batch, type Subscription } from './message-log.port';

/** What one call of `handle` may hold: bounds the transaction it becomes and keeps the first records from waiting. */
export const HANDLE_RECORDS = 500;
export const HANDLE_BYTES = 4 * 1024 * 1024;

/** Failures in a row after which a batch is handled alone, so that it cannot fail those of other partitions. */
const FAILURES_TOGETHER = 1;

interface Delivery {
  readonly batch: Batch;
  readonly alone: boolean;
  readonly wanted: () => boolean;
  readonly resolve: (handled: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Brings together what the partitions of a subscription deliver: what arrives in the same moment, or while the handler
 * is at work, goes to the handler in one call.
 */
export class Deliveries {
  /** How many records the last call had, and how long it took. */
  last = { records: 0, milliseconds: 0 };
  private waiting: Delivery[] = [];
  private scheduled = false;

  constructor(private readonly handle: Subscription['handle']) {}

  /**
   * Resolves when the batch was handled: true, or when its turn came and it was not `wanted` any more: false.
   * Rejects with what the handler throws.
   * @param failures deliveries of this batch in a row that failed
   */
  deliver(batch: Batch, failures: number, wanted: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, alone: failures > FAILURES_TOGETHER, wanted, resolve, reject });
      this.schedule();
    });
  }

  /** After what is going on now, so that all partitions of a fetch have called. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    const next = this.takeNext();
    if (next.length > 0) {
      const began = performance.now();
      try {
        await this.handle(next.map(({ batch }) => batch));
        const records = next.reduce((sum, { batch }) => sum + batch.records.length, 0);
        this.last = { records, milliseconds: performance.now() - began };
        for (const { resolve } of next) resolve(true);
      } catch (error) {
        for (const { reject } of next) reject(error);
      }
    }
    this.scheduled = false;
    if (this.waiting.length > 0) this.schedule();
  }

  private takeNext(): Delivery[] {
    for (const delivery of this.waiting) if (!delivery.wanted()) delivery.resolve(false);
    const wanted = this.waiting.filter((delivery) => delivery.wanted());
    const next = wanted[0]?.alone === true ? wanted.slice(0, 1) : together(wanted);
    this.waiting = wanted.filter((delivery) => !next.includes(delivery));
    return next;
  }
}

/** As many of the deliveries as one call may hold, at least one. */
function together(deliveries: readonly Delivery[]): Delivery[] {
  let records = 0;
  let bytes = 0;
  const next: Delivery[] = [];
  for (const delivery of deliveries) {
    if (delivery.alone) continue;
    records += delivery.batch.records.length;
    bytes += valueBytes(delivery.batch);
    if (next.length > 0 && (records > HANDLE_RECORDS || bytes > HANDLE_BYTES)) break;
    next.push(delivery);
  }
  return next;
}

function valueBytes({ records }: Batch): number {
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
}
