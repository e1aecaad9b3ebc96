import { setImmediate } from 'node:timers/promises';
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import {
  type Batch,
  type LogRecord,
  type MessageLog,
  recordsOf,
  type RunningSubscription,
} from '@quorate/messaging';
import { asQuorateError, childSpan, type QuorateError, type TraceSpan } from '@quorate/platform';
import { type LogKeyLookup } from '@quorate/protocol';
import { type LogEntry } from '../log-entry/log-entry';
import { gapEntry, readEntry } from '../log-entry/read-entry';
import { type LogTrees } from '../merkle-tree/log-trees';
import { type AuditLog } from '../ports/audit-log.port';
import {
  assertNotPassed,
  assertSameSource,
  assertShortGap,
  assertSourceReaches,
} from '../source-check/source-check';
import { type SourceGuard } from '../source-check/source-guard';

const CONSUMER = 'auditor';
/** The log follows the pipeline at a small distance: fewer, larger commits cost it and Kafka a fraction. */
const GATHER_BYTES = 256 * 1024;
const GATHER_MS = 100;
/** Records that are sent to Postgres at once. */
const PIECE = 100;
/** Records that are read in one turn of the thread: about a millisecond. */
const AT_A_TIME = 10;
/** Traced requests of one batch that get a span. */
const MOST_SPANS = 500;

export interface IntakeOptions {
  readonly topic: string;
  readonly group: string;
  readonly messages: MessageLog;
  readonly store: EventStore;
  readonly log: AuditLog;
  readonly trees: Pick<LogTrees, 'grow' | 'catchUp'>;
  /** Identities of all services. */
  readonly lookup: LogKeyLookup;
  /** Called after each commit with what was appended. */
  readonly appended: (entries: readonly LogEntry[]) => void;
  /** Called when a batch could not be appended; it is tried again if the error says so. */
  readonly failed: (error: QuorateError) => void;
  readonly guard: SourceGuard;
  /** Called with whether a partition is known to be the one that its log was made from. */
  readonly sourceChecked: (partition: number, confirmed: boolean) => void;
}

/**
 * Reads mpc.events into the audit log: entry i of log p is the record at offset i of partition p. Reading starts at
 * the last entry, not behind it, so that the topic is compared with the log before anything is appended.
 */
export class Intake {
  /** The next index of each log. */
  private readonly next = new Map<number, bigint>();
  /** Last entries that still have to be compared with the topic. */
  private readonly unconfirmed = new Map<number, LogEntry>();

  constructor(private readonly options: IntakeOptions) {}

  start(): Promise<RunningSubscription> {
    const { messages, topic, group } = this.options;
    return messages.subscribe({
      topic,
      group,
      gather: { bytes: GATHER_BYTES, waitMs: GATHER_MS },
      start: (partition) => this.position(partition),
      handle: (batches) => this.handle(batches),
    });
  }

  /** The next index of each log that this process reads. */
  positions(): ReadonlyMap<number, bigint> {
    return this.next;
  }

  /** Where reading starts: at the last entry, or at 0. Asked again whenever the partition is assigned. */
  private async position(partition: number): Promise<bigint> {
    await this.options.guard.begin(partition);
    const last = await this.options.log.last(partition);
    await this.options.trees.catchUp(partition);
    if (last === undefined) {
      this.unconfirmed.delete(partition);
      this.next.set(partition, 0n);
      this.options.sourceChecked(partition, true);
      return 0n;
    }
    const { topic, messages } = this.options;
    this.options.sourceChecked(partition, false);
    assertSourceReaches(topic, last, (await messages.highWatermarks(topic)).get(partition));
    this.unconfirmed.set(partition, last);
    this.next.set(partition, last.index + 1n);
    return last.index;
  }

  private async handle(batches: readonly Batch[]): Promise<void> {
    for (const batch of batches) this.confirmSource(batch);
    const fresh = batches.flatMap((batch) => this.withoutAppended(batch));
    if (fresh.length === 0) return;
    for (const batch of fresh) await this.assertComplete(batch);
    const { store, guard } = this.options;
    const spans = appendSpans(fresh);
    let appended: LogEntry[] = [];
    try {
      await store.handleBatches(CONSUMER, fresh, async (tx) => {
        appended = [];
        for (const batch of fresh) appended = appended.concat(await this.append(tx, batch));
        for (const { partition } of fresh) await guard.confirm(tx, partition);
      });
    } catch (error) {
      if (!isSourceProblem(error)) this.options.failed(asQuorateError(error));
      throw error;
    }
    for (const { partition, nextOffset } of fresh) this.next.set(partition, nextOffset);
    this.options.appended(appended);
    for (const span of spans) span.end();
  }

  /** What of the batch is not in the log yet; nothing when all of it is. */
  private withoutAppended(batch: Batch): Batch[] {
    const firstOffset = this.next.get(batch.partition) ?? 0n;
    const records = batch.records.filter((record) => record.offset >= firstOffset);
    const last = records.at(-1);
    return last === undefined ? [] : [{ ...batch, records, firstOffset, nextOffset: last.offset + 1n }];
  }

  private confirmSource({ partition, records }: Batch): void {
    const last = this.unconfirmed.get(partition);
    const [first] = records;
    if (last === undefined || first === undefined) return;
    assertSameSource(last, first);
    this.unconfirmed.delete(partition);
    this.options.sourceChecked(partition, true);
  }

  /** Offsets without a record are those of transaction markers: few in a row, and not removed from the topic's beginning. */
  private async assertComplete({ topic, partition, records, firstOffset }: Batch): Promise<void> {
    let expected = firstOffset;
    let missing: bigint | undefined;
    for (const record of records) {
      if (record.offset !== expected) {
        assertShortGap(record, expected);
        missing ??= expected;
      }
      expected = record.offset + 1n;
    }
    if (missing === undefined) return;
    assertNotPassed(topic, partition, missing, (await this.options.messages.logStarts(topic)).get(partition));
  }

  /** Signatures are checked piece by piece: Postgres takes one in while the next is looked at. */
  private async append(tx: StoreTransaction, { records, firstOffset }: Batch): Promise<LogEntry[]> {
    const { log, trees } = this.options;
    const entries: LogEntry[] = [];
    let written: Promise<LogEntry[]> = Promise.resolve([]);
    let expected = firstOffset;
    for (let from = 0; from < records.length; from += PIECE) {
      const piece = await this.entriesOf(records.slice(from, from + PIECE), expected);
      entries.push(...piece);
      expected = firstOffset + BigInt(entries.length);
      const before = written;
      written = before.then(async (done) => done.concat(await log.append(tx, piece)));
      // Who waits for the last piece learns of it.
      written.catch(() => undefined);
      await before;
    }
    const [appended] = await Promise.all([written, trees.grow(tx, entries)]);
    return appended;
  }

  /** Leaves the thread to what else waits for it now and then, such as the answers of Postgres. */
  private async entriesOf(records: readonly LogRecord[], firstOffset: bigint): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    let expected = firstOffset;
    for (const [place, record] of records.entries()) {
      if (place % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
      for (; expected < record.offset; expected += 1n) entries.push(gapEntry(record.partition, expected));
      entries.push(readEntry(record, this.options.lookup));
      expected = record.offset + 1n;
    }
    return entries;
  }
}

/** One span for each traced request of which something is appended. */
function appendSpans(batches: readonly Batch[]): TraceSpan[] {
  const parents = new Set<string>();
  for (const { headers } of recordsOf(batches)) {
    const parent = headers['traceparent'];
    if (parent !== undefined && parents.size < MOST_SPANS) parents.add(parent.toString('latin1'));
  }
  return [...parents].flatMap((parent) => childSpan('audit.append', parent) ?? []);
}

/** Whether reading stopped because the topic is not the log's source any more: the queries stay available then. */
export function isSourceProblem(error: unknown): boolean {
  return ['source-changed', 'position-beyond-log'].includes(asQuorateError(error).code);
}
