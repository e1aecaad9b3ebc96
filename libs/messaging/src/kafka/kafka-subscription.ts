import { asQuorateError, QuorateError } from '@quorate/platform';
import { type Admin, type Consumer, type EachBatchPayload } from 'kafkajs';
import { backOff, pauseFor } from '../back-off';
import { Deliveries } from '../deliveries';
import { type Batch, type RunningSubscription, type Subscription } from '../message-log.port';
import { type StructuredLogger } from '../structured-logger';
import { ReadingProgress } from '../reading-progress';
import { fromKafkaError } from './kafka-errors';
import { CommitHints } from './commit-hints';
import { unlessLeaving, whileHeartbeating } from './heartbeats';
import { PartitionReader } from './partition-reader';
import { startOffsets } from './start-offsets';
import { partitionBounds } from './topic-admin';

/** Failures in a row that are retried inside the fetch loop; later ones pause the partition, so others go on. */
const QUICK_RETRIES = 4;
const LONGEST_BACK_OFF_MS = 5000;
/**
 * Where records come in numbers, the next fetch waits for more of them, about as long as handling the last ones took: a
 * transaction costs much the same for ten records as for one, and where handling takes long the machine has too much to do.
 * A record that comes alone never waits.
 */
const BUSY_RECORDS = 4;
const SHORTEST_GATHER_MS = 8;
const LONGEST_GATHER_MS = 60;
/** Partitions of a fetch that are handled together; each one more costs a little at every fetch. */
const PARTITIONS_AT_ONCE = 4;

/** One consumer of one topic. */
export class KafkaSubscription implements RunningSubscription {
  private readonly progress = new ReadingProgress();
  private readers = new Map<number, PartitionReader>();
  /** Settles when the current assignment has its start positions. */
  private positioned: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private readonly hints: CommitHints;
  private readonly deliveries: Deliveries;
  /** What this is for, for whom Kafka does not allow it. */
  private readonly purpose: string;

  constructor(
    private readonly consumer: Consumer,
    private readonly admin: Admin,
    private readonly subscription: Subscription,
    private readonly logger: StructuredLogger,
    private readonly fatal: (error: Error) => void,
  ) {
    this.purpose = `to read ${subscription.topic} as a member of the group ${subscription.group}`;
    this.hints = new CommitHints(consumer, subscription.topic, logger);
    this.deliveries = new Deliveries((batches) => subscription.handle(batches));
  }

  get assigned(): Promise<void> {
    return this.progress.assigned;
  }

  /** Joins the group and starts reading. */
  async run(): Promise<void> {
    const { consumer, subscription } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.assign(payload.memberAssignment[subscription.topic] ?? []);
    });
    consumer.on(consumer.events.REBALANCING, () => this.revoke());
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0)
        this.readers.get(payload.partition)?.skipTo(BigInt(payload.lastOffset) + 1n);
      this.progress.wake();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.revoke();
      if (!payload.restart && !this.stopping.signal.aborted)
        this.report(fromKafkaError(payload.error, this.purpose));
    });
    try {
      await consumer.subscribe({ topic: subscription.topic, fromBeginning: subscription.start !== 'latest' });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.eachBatch(payload),
      });
    } catch (error) {
      throw fromKafkaError(error, this.purpose);
    }
  }

  async caughtUp(): Promise<void> {
    await this.assigned;
    const targets = await partitionBounds(this.admin, this.subscription.topic).catch((error: unknown) => {
      throw fromKafkaError(error);
    });
    const behind = () =>
      [...this.readers.values()].some(
        ({ partition, position }) =>
          position === undefined || position < (targets.get(partition)?.high ?? 0n),
      );
    await this.progress.caughtUp(behind);
  }

  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.progress.end();
    await this.hints.flush();
    await this.consumer.disconnect();
    this.revoke();
  }

  private assign(partitions: number[]): void {
    this.revoke();
    const readers = new Map(
      partitions.map((partition) => [partition, new PartitionReader(this.subscription.topic, partition)]),
    );
    this.readers = readers;
    const position = async () => {
      await this.position([...readers.values()]);
      if (this.readers !== readers || this.stopping.signal.aborted) return;
      this.subscription.onAssigned?.(partitions);
      this.progress.start();
    };
    this.positioned = position().catch((error: unknown) => this.fail(asQuorateError(error)));
  }

  private revoke(): void {
    this.progress.interrupt();
    const partitions = [...this.readers.keys()];
    this.readers = new Map();
    if (partitions.length > 0) this.subscription.onRevoked?.(partitions);
  }

  /** Finds the start of each partition (as long as that takes) and sends reading there. */
  private async position(readers: PartitionReader[]): Promise<void> {
    const current = () => readers.every((reader) => this.isCurrent(reader));
    const partitions = readers.map((reader) => reader.partition);
    for (let attempt = 0; current(); attempt += 1) {
      try {
        const starts = await startOffsets(this.admin, this.subscription, partitions, this.logger);
        if (!current()) return;
        for (const reader of readers) this.seek(reader, starts.get(reader.partition) ?? 0n);
        break;
      } catch (error) {
        const known = fromKafkaError(error, this.purpose);
        if (known.kind !== 'unavailable') throw known;
        this.logger.warn(
          { topic: this.subscription.topic, reason: known.message },
          'Start position not known yet',
        );
        await pauseFor(backOff(attempt, LONGEST_BACK_OFF_MS), this.stopping.signal);
      }
    }
  }

  private seek(reader: PartitionReader, offset: bigint): void {
    reader.startAt(offset);
    this.consumer.seek({ topic: reader.topic, partition: reader.partition, offset: String(offset) });
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const reader = this.readers.get(payload.batch.partition);
    if (reader === undefined) return;
    await whileHeartbeating(payload, (leaving) => this.readFetch(reader, payload, leaving));
  }

  private async readFetch(
    reader: PartitionReader,
    payload: EachBatchPayload,
    leaving: AbortSignal,
  ): Promise<void> {
    await unlessLeaving(leaving, this.positioned);
    if (payload.isStale() || !this.isCurrent(reader) || reader.position === undefined) return;
    const slices = reader.slices(payload.batch);
    if (slices === undefined) {
      const { topic, partition, position } = reader;
      this.consumer.seek({ topic, partition, offset: String(position) });
      return;
    }
    for (const slice of slices) {
      if (!(await this.deliver(reader, slice, payload, leaving))) return;
    }
    const { records, milliseconds } = this.deliveries.last;
    if (records < BUSY_RECORDS) return;
    const gatherMs = Math.min(LONGEST_GATHER_MS, Math.max(SHORTEST_GATHER_MS, milliseconds));
    await pauseFor(gatherMs, this.stopping.signal);
  }

  /** Whether the batch was handled and the next one may follow. */
  private async deliver(
    reader: PartitionReader,
    batch: Batch,
    payload: EachBatchPayload,
    leaving: AbortSignal,
  ): Promise<boolean> {
    const wanted = () => payload.isRunning() && this.isCurrent(reader);
    while (wanted()) {
      leaving.throwIfAborted();
      const delivery = this.deliveries.deliver(batch, reader.failures, () => wanted() && !leaving.aborted);
      const outcome = await delivery.catch(asQuorateError);
      if (!this.isCurrent(reader)) return false;
      if (outcome instanceof QuorateError) {
        leaving.throwIfAborted();
        if (!(await this.recover(reader, outcome, payload, leaving))) return false;
      } else if (outcome) {
        reader.advance(batch);
        payload.resolveOffset(String(batch.nextOffset - 1n));
        this.hints.add(reader.partition, batch.nextOffset);
        this.progress.wake();
        leaving.throwIfAborted();
        return true;
      }
    }
    return false;
  }

  /** After a failed delivery: whether to try the same batch again at once. */
  private async recover(
    reader: PartitionReader,
    error: QuorateError,
    payload: EachBatchPayload,
    leaving: AbortSignal,
  ): Promise<boolean> {
    const { topic, partition } = reader;
    if (error.kind !== 'unavailable') {
      payload.pause();
      this.fail(error);
      return false;
    }
    const delay = backOff(reader.failures, LONGEST_BACK_OFF_MS);
    reader.failures += 1;
    this.logger.warn(
      { topic, partition, code: error.code, reason: error.message, delay },
      'Batch not handled, again',
    );
    if (error.code === 'inbox-fenced') {
      await pauseFor(reader.failures > 1 ? delay : 0, this.stopping.signal);
      await unlessLeaving(leaving, this.position([reader]));
      return false;
    }
    if (reader.failures <= QUICK_RETRIES) {
      await pauseFor(delay, this.stopping.signal);
      return true;
    }
    const resume = payload.pause();
    setTimeout(resume, delay).unref();
    return false;
  }

  private fail(error: Error): void {
    if (this.stopping.signal.aborted) return;
    this.report(error);
    void this.stop().catch((reason: unknown) => {
      this.logger.warn(
        { topic: this.subscription.topic, reason: String(reason) },
        'Consumer did not stop cleanly',
      );
    });
  }

  /** Reading has stopped for good: to everybody who waits for it. */
  private report(error: Error): void {
    this.progress.fail(error);
    this.fatal(error);
  }

  private isCurrent(reader: PartitionReader): boolean {
    return this.readers.get(reader.partition) === reader && !this.stopping.signal.aborted;
  }
}
