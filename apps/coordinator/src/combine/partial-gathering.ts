import { InboxFenced } from '@quorate/event-store';
import { type Batch, type LogRecord } from '@quorate/messaging';
import { Turns } from '@quorate/platform';
import { type SignPartial, streams } from '@quorate/protocol';
import { grouped } from './grouped';
import { type PartialReader } from './partial-reader';

/** Shares of an attempt wait this long in memory for those of the other members. */
const PATIENCE_MS = 150;
const MOST_WAITING = 1_024;
/** After a failure, what waits is tried again this much later. */
const RETRY_MS = 500;

interface Waiting {
  readonly record: LogRecord;
  /** By performance.now(). */
  readonly since: number;
}

/** What was read of one partition and not handled yet. */
interface Reading {
  readonly topic: string;
  /** Where the inbox stands. */
  readonly stored: bigint;
  /** Next offset to be read. */
  readonly next: bigint;
  readonly highWatermark: bigint;
  readonly waiting: readonly Waiting[];
}

type Readings = ReadonlyMap<number, Reading>;

/** Handles batches in one transaction, and moves the inbox to where they end. */
export type HandleBatches = (batches: readonly Batch[]) => Promise<void>;

/**
 * Lets the shares of one attempt meet before they are handled: one commit makes the signature, none only stores a share.
 * The inbox stays before the oldest share that waits, so a crash loses nothing; shares behind it that were handled come
 * again then, and find their request closed.
 */
export class PartialGathering {
  private readings: Readings = new Map();
  private readonly turns = new Turns();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param committeeOf members of an attempt under way, if this coordinator knows them
   * @param position where the inbox of a partition stands
   */
  constructor(
    private readonly reader: Pick<PartialReader, 'read'>,
    private readonly committeeOf: (streamId: string, attempt: number) => readonly string[] | undefined,
    private readonly handle: HandleBatches,
    private readonly position: (partition: number) => Promise<bigint | 'earliest'>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** What has arrived. Resolves when it is handled, or waits in memory with the inbox before it. */
  take(batches: readonly Batch[]): Promise<void> {
    return this.turns.take(() => this.handleReady(batches));
  }

  /** The partitions are read by another coordinator from now on, or from their inbox again. */
  forget(partitions: readonly number[]): void {
    this.readings = new Map([...this.readings].filter(([partition]) => !partitions.includes(partition)));
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.readings = new Map();
    await this.turns.over();
    clearTimeout(this.timer);
  }

  private async handleReady(batches: readonly Batch[]): Promise<void> {
    const before = this.readings;
    const readings = withBatches(before, batches, performance.now());
    if (batches.length > 0 && waitingIn(readings).length === 1) return this.readSoon(readings);
    const { handled, rest } = this.divide(readings);
    const ready = [...handled.values()];
    if (ready.some(({ records }) => records.length > 0)) {
      try {
        await this.handle(ready);
      } catch (error) {
        if (error instanceof InboxFenced) await this.realign().catch(() => undefined);
        this.lookAgain(RETRY_MS);
        throw error;
      }
    }
    // Partitions that were taken away meanwhile stay forgotten.
    const isKept = (partition: number) => this.readings.has(partition) || !before.has(partition);
    this.readings = new Map([...rest].filter(([partition]) => isKept(partition)));
    this.lookAgain();
  }

  /**
   * A share that comes alone has to wait for another one: that is fetched first, and meanwhile this one is read. Should it
   * be something else, it is handled then.
   */
  private readSoon(readings: Readings): void {
    this.readings = readings;
    setImmediate(() => void this.take([]).catch((error: unknown) => this.failed(error)));
  }

  /** Takes out what is ready; the inbox of its partitions moves up to what still waits. */
  private divide(readings: Readings): { handled: Map<number, Batch>; rest: Readings } {
    const ready = this.readyOf(readings);
    const handled = new Map<number, Batch>();
    const rest = new Map<number, Reading>();
    for (const [partition, reading] of readings) {
      const { topic, stored, next, highWatermark } = reading;
      const records = reading.waiting.map(({ record }) => record).filter((record) => ready.has(record));
      const waiting = reading.waiting.filter(({ record }) => !ready.has(record));
      const nextOffset = waiting[0]?.record.offset ?? next;
      if (records.length > 0) {
        handled.set(partition, { topic, partition, firstOffset: stored, records, nextOffset, highWatermark });
        rest.set(partition, { ...reading, stored: nextOffset, waiting });
      } else rest.set(partition, reading);
    }
    return { handled, rest };
  }

  private readyOf(readings: Readings): Set<LogRecord> {
    const waiting = waitingIn(readings);
    if (waiting.length > MOST_WAITING) return new Set(waiting.map(({ record }) => record));
    const longAgo = performance.now() - PATIENCE_MS;
    const ready = new Set<LogRecord>();
    const shares: { record: LogRecord; share: SignPartial }[] = [];
    for (const { record, since } of waiting) {
      const read = this.reader.read(record);
      const share = read.ok && read.data.type === 'quorate.sign.partial.v1' ? read.data : undefined;
      if (share !== undefined) shares.push({ record, share });
      if (share === undefined || since <= longAgo) ready.add(record);
    }
    const attempts = grouped(
      shares,
      ({ share }) => `${share.attempt} ${streams.sign(share.requester, share.requestId)}`,
    );
    for (const group of attempts.values()) {
      if (this.isComplete(group.map(({ share }) => share))) for (const { record } of group) ready.add(record);
    }
    return ready;
  }

  /** Also true for an attempt this coordinator knows nothing of: the database decides then. */
  private isComplete(shares: readonly SignPartial[]): boolean {
    const [first] = shares;
    if (first === undefined) return true;
    const committee = this.committeeOf(streams.sign(first.requester, first.requestId), first.attempt);
    return committee?.every((node) => shares.some((share) => share.node === node)) ?? true;
  }

  /** Lets go of what another coordinator has handled, or this one in a commit whose outcome it did not learn. */
  private async realign(): Promise<void> {
    for (const [partition, reading] of this.readings) {
      const stored = await this.position(partition);
      if (stored === 'earliest' || this.readings.get(partition) !== reading) continue;
      const waiting = reading.waiting.filter(({ record }) => record.offset >= stored);
      this.readings = new Map(this.readings).set(partition, { ...reading, stored, waiting });
    }
  }

  private lookAgain(earliest = 1): void {
    clearTimeout(this.timer);
    const since = waitingIn(this.readings).map((one) => one.since);
    if (since.length === 0) return;
    this.timer = setTimeout(
      () => void this.take([]).catch((error: unknown) => this.failed(error)),
      Math.max(earliest, Math.min(...since) + PATIENCE_MS - performance.now()),
    );
  }
}

function waitingIn(readings: Readings): Waiting[] {
  return [...readings.values()].flatMap(({ waiting }) => waiting);
}

function withBatches(readings: Readings, batches: readonly Batch[], now: number): Readings {
  const more = new Map(readings);
  for (const { topic, partition, firstOffset, records, nextOffset, highWatermark } of batches) {
    const known = more.get(partition);
    const arrived = records.map((record) => ({ record, since: now }));
    // What is delivered again takes the place of what waited.
    const before = (known?.waiting ?? []).filter(({ record }) => record.offset < firstOffset);
    more.set(partition, {
      topic,
      stored: known?.stored ?? firstOffset,
      next: nextOffset,
      highWatermark,
      waiting: [...before, ...arrived],
    });
  }
  return more;
}
