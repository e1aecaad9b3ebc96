import { asQuorateError } from '@quorate/platform';
import { backOff, pauseFor } from '../back-off';
import { Deliveries, HANDLE_RECORDS } from '../deliveries';
import { type RunningSubscription, type Subscription } from '../message-log.port';
import { ReadingProgress } from '../reading-progress';
import { type MemoryTopic } from './memory-topic';

const LONGEST_BACK_OFF_MS = 1000;

interface Reader {
  partition: number;
  revoked: AbortController;
  position: bigint | undefined;
}

/** One member of a group: a loop per assigned partition. */
export class MemorySubscription implements RunningSubscription {
  private readonly progress = new ReadingProgress();
  private readers: Reader[] = [];
  private loops: Promise<void>[] = [];
  private readonly deliveries: Deliveries;
  private stopped = false;

  constructor(
    private readonly topic: MemoryTopic,
    private readonly subscription: Subscription,
    private readonly fatal: (error: unknown) => void,
    private readonly left: () => void,
  ) {
    this.deliveries = new Deliveries((batches) => subscription.handle(batches));
  }

  get assigned(): Promise<void> {
    return this.progress.assigned;
  }

  isOf(topic: string, group: string): boolean {
    return this.subscription.topic === topic && this.subscription.group === group;
  }

  /** Ends the previous assignment and starts this one once its batches are handled. */
  assign(partitions: number[]): void {
    const previous = this.loops;
    this.revoke();
    const readers = partitions.map((partition) => ({
      partition,
      revoked: new AbortController(),
      position: undefined,
    }));
    this.readers = readers;
    const started = Promise.all(previous).then(() => this.start(readers));
    this.loops = readers.map(async (reader) => {
      await started;
      await this.read(reader);
    });
    if (readers.length === 0) this.loops = [started];
  }

  wake(): void {
    this.progress.wake();
  }

  async caughtUp(): Promise<void> {
    await this.assigned;
    const targets = this.topic.highWatermarks();
    const behind = () =>
      this.readers.some(
        ({ partition, position }) => position === undefined || position < (targets.get(partition) ?? 0n),
      );
    await this.progress.caughtUp(behind);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    const loops = this.loops;
    this.progress.end();
    this.revoke();
    await Promise.all(loops);
    this.left();
  }

  private revoke(): void {
    const partitions = this.readers.map((reader) => reader.partition);
    for (const reader of this.readers) reader.revoked.abort();
    this.readers = [];
    this.progress.interrupt();
    if (partitions.length > 0) this.subscription.onRevoked?.(partitions);
  }

  private async start(readers: Reader[]): Promise<void> {
    await Promise.all(readers.map((reader) => this.seekStart(reader)));
    if (this.readers !== readers) return;
    this.subscription.onAssigned?.(readers.map((reader) => reader.partition));
    this.progress.start();
  }

  private async seekStart(reader: Reader): Promise<void> {
    const { start, group } = this.subscription;
    for (let attempt = 0; !reader.revoked.signal.aborted; attempt += 1) {
      try {
        const own =
          typeof start === 'function'
            ? await start(reader.partition)
            : (this.topic.committedOffset(group, reader.partition) ?? start);
        reader.position =
          own === 'earliest' ? 0n : own === 'latest' ? this.topic.highWatermark(reader.partition) : own;
        return;
      } catch (error) {
        if (asQuorateError(error).kind !== 'unavailable') return this.fail(error);
        await pauseFor(backOff(attempt, LONGEST_BACK_OFF_MS), reader.revoked.signal);
      }
    }
  }

  private async read(reader: Reader): Promise<void> {
    const { name } = this.topic;
    let failures = 0;
    while (!reader.revoked.signal.aborted && reader.position !== undefined) {
      const records = this.topic.recordsFrom(reader.partition, reader.position, HANDLE_RECORDS);
      if (records.length === 0) {
        await this.progress.change();
        continue;
      }
      const nextOffset = reader.position + BigInt(records.length);
      const highWatermark = this.topic.highWatermark(reader.partition);
      try {
        const { partition, position: firstOffset } = reader;
        const batch = { topic: name, partition, firstOffset, records, nextOffset, highWatermark };
        const wanted = () => !reader.revoked.signal.aborted;
        if (!(await this.deliveries.deliver(batch, failures, wanted))) return;
        this.topic.commit(this.subscription.group, partition, nextOffset);
        reader.position = nextOffset;
        failures = 0;
        this.wake();
      } catch (error) {
        const known = asQuorateError(error);
        if (known.kind !== 'unavailable') return this.fail(error);
        await pauseFor(backOff(failures++, LONGEST_BACK_OFF_MS), reader.revoked.signal);
        if (known.code === 'inbox-fenced') await this.seekStart(reader);
      }
    }
  }

  private fail(error: unknown): void {
    this.progress.fail(asQuorateError(error));
    this.fatal(error);
  }
}
