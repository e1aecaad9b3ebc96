import { asQuorateError } from '@quorate/platform';
import { backOff, type LogProducer, pauseFor, type StructuredLogger } from '@quorate/messaging';
import { type OutboxRow } from './outbox-row';
import { type OutboxTable } from './outbox-table';
import { PublishedRows } from './published-rows';

/** Publishing does not go on, or goes on again. */
export interface DispatcherListener {
  stalled(error: Error): void;
  resumed(): void;
  /** Rows that Kafka has now. */
  published?(rows: readonly OutboxRow[]): void;
}

/** Records of one call of the producer, which cuts them into requests. */
const SEND_RECORDS = 1000;
/** Records kept in memory; beyond them (Kafka is away) they are read from the table when their turn comes. */
const MEMORY_RECORDS = 10_000;
/** Rows read from the table at once. */
const LOAD_ROWS = 50;
const LONGEST_BACK_OFF_MS = 2000;
/** How long events wait for a record that somebody waits for: one request to Kafka costs both sides more than a record. */
const UNHURRIED_MS = 25;
/** A broken connection's COMMIT is over by then even when Postgres does not tell. */
const BACKEND_END_MS = 30_000;

/**
 * Publishes outbox rows in commit order, one request outstanding. Rows come from memory right after their COMMIT, or
 * from the table: at the start, after taking over a dead process's rows, after a COMMIT with unknown outcome, and
 * after more had waited than memory holds.
 */
export class Dispatcher {
  private queue: OutboxRow[] = [];
  /** `table`: rows must be read from the table next, those handed over are found there. */
  private source: 'memory' | 'table' = 'table';
  private loaded = new Set<bigint>();
  /** Whether something in `queue` is not to wait. */
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;
  readonly published: PublishedRows;
  private readonly unknownCommits = new Set<number>();
  private readonly stopping = new AbortController();
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private idleWaiters: (() => void)[] = [];

  constructor(
    private readonly table: Pick<OutboxTable, 'oldest' | 'remove' | 'backendRuns'>,
    private readonly producer: Pick<LogProducer, 'send'>,
    private readonly logger: StructuredLogger,
    private readonly listener: DispatcherListener | undefined,
  ) {
    this.published = new PublishedRows(table, logger);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Rows whose COMMIT has succeeded, in commit order. */
  handOver(row: OutboxRow): void {
    if (this.source === 'table' || this.loaded.has(row.id)) return;
    row.handedOverAt = performance.now();
    if (recordsIn(this.queue) + row.records.length > MEMORY_RECORDS) return this.readTable();
    this.queue.push(row);
    if (row.isUnhurried === true) this.timer ??= setTimeout(() => this.publishNow(), UNHURRIED_MS);
    else this.publishNow();
  }

  /** Rows appeared in the table that nobody hands over. */
  readTable(): void {
    this.source = 'table';
    this.wake();
  }

  /** The connection broke during COMMIT: once its backend has ended, the table tells what was committed. */
  commitUnknown(processId: number): void {
    this.unknownCommits.add(processId);
    this.readTable();
  }

  /** Resolves when nothing waits, or after `limit` ms. */
  async drain(limit: number): Promise<void> {
    if (this.running === undefined) return;
    const idle = new Promise<void>((resolve) => {
      this.idleWaiters.push(resolve);
      this.wake();
    });
    const expired = new AbortController();
    await Promise.race([idle, pauseFor(limit, expired.signal)]);
    expired.abort();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    this.wake();
    await this.running;
    await this.published.flush().catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (this.queue.length > 0 && (this.isDue || this.idleWaiters.length > 0)) await this.publishNext();
      else if (this.source === 'table') await this.load();
      else await this.wait();
    }
  }

  private publishNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDue = true;
    this.wake();
  }

  private async wait(): Promise<void> {
    for (const waiter of this.idleWaiters.splice(0)) waiter();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.idleWaiters.length > 0 || this.stopping.signal.aborted) resolve();
    });
    this.wake = () => undefined;
  }

  private async publishNext(): Promise<void> {
    const rows = this.nextRows();
    const records = rows.flatMap((row) => row.records);
    this.isDue = rows.length < this.queue.length;
    if (!(await this.persist('Publishing', () => this.producer.send(records)))) return;
    this.queue.splice(0, rows.length);
    this.published.add(rows.map((row) => row.id));
    this.listener?.published?.(rows);
  }

  /** As many rows as one call may hold, at least one. */
  private nextRows(): OutboxRow[] {
    let records = 0;
    const end = this.queue.findIndex((row) => (records += row.records.length) > SEND_RECORDS);
    return end < 0 ? [...this.queue] : this.queue.slice(0, Math.max(1, end));
  }

  private async load(): Promise<void> {
    await this.persist('Reading the outbox', async () => {
      await this.backendsEnded();
      await this.published.flush();
      // From here on rows handed over are new, or in `loaded`.
      this.source = 'memory';
      try {
        const rows = await this.table.oldest(LOAD_ROWS);
        this.loaded = new Set(rows.map((row) => row.id));
        const later = this.queue.filter((row) => !this.loaded.has(row.id));
        this.queue = [...rows, ...later];
        if (rows.length === LOAD_ROWS) {
          this.queue = rows;
          this.source = 'table';
        }
        this.isDue = true;
      } catch (error) {
        this.queue = [];
        this.source = 'table';
        throw error;
      }
    });
  }

  private async backendsEnded(): Promise<void> {
    for (const processId of this.unknownCommits) {
      const deadline = Date.now() + BACKEND_END_MS;
      while (Date.now() < deadline && (await this.table.backendRuns(processId))) {
        await pauseFor(50, this.stopping.signal);
        if (this.stopping.signal.aborted) return;
      }
      this.unknownCommits.delete(processId);
    }
  }

  /** Tries until it succeeds: what failed goes again, whole, before anything newer. False when stopped before. */
  private async persist(what: string, action: () => Promise<void>): Promise<boolean> {
    for (let attempt = 0; !this.stopping.signal.aborted; attempt += 1) {
      try {
        await action();
        if (attempt > 0) this.listener?.resumed();
        return true;
      } catch (thrown) {
        const error = asQuorateError(thrown);
        const fields = { code: error.code, reason: error.message, waiting: recordsIn(this.queue) };
        if (error.kind === 'unavailable') this.logger.warn(fields, `${what} failed, again`);
        else this.logger.error(fields, `${what} is refused: nothing is published until that is repaired`);
        if (attempt === 0) this.listener?.stalled(error);
        await pauseFor(backOff(attempt, LONGEST_BACK_OFF_MS), this.stopping.signal);
      }
    }
    return false;
  }
}

function recordsIn(rows: readonly OutboxRow[]): number {
  return rows.reduce((sum, row) => sum + row.records.length, 0);
}
