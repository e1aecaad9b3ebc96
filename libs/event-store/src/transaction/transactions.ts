import { Invalid, QuorateError, Unavailable } from '@quorate/platform';
import { type OutgoingRecord, type StructuredLogger } from '@quorate/messaging';
import { type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { fromDatabaseError, isRolledBack } from '../database/database-errors';
import { takeConnection } from '../database/pool';
import { type EncodableEvent } from '../event';
import { type DueChange } from '../event-store';
import { InboxFenced } from '../inbox/inbox-fenced';
import { CommitOrder } from '../outbox/commit-order';
import { type OutboxRow } from '../outbox/outbox-row';
import { type PendingStatement, type Prepared } from './pending-writes';
import { named } from './statement-names';
import { deleteDue, deletePublished, leave, upsertDue } from './statements';
import { PostgresTransaction } from './store-transaction';

/** Where committed rows go; missing until publishing starts. */
export interface Outlet {
  handOver(row: OutboxRow): void;
  /** Other processes have old rows of these streams: resolves when they are out of the way. */
  precede(streamIds: string[]): Promise<void>;
  commitUnknown(processId: number): void;
  /** Has a transaction delete rows that were published; it rejects when it did not. */
  carry<T>(transaction: (published: readonly bigint[]) => Promise<T>): Promise<T>;
}

export interface TransactionOptions {
  durable?: boolean;
  /** Statements are planned anew for their parameters: for searches with many filters. */
  adHoc?: boolean;
  /** After how many milliseconds of waiting for a lock it is rolled back, as Unavailable; missing: it waits. */
  lockTimeoutMs?: number;
  /** An update of the inbox that divides by zero when it cannot be made: then all is rolled back with InboxFenced. */
  fence?: QueryConfig;
}

/** What travels before the statements of the service. Its failures are looked at with COMMIT at the latest. */
interface Opening {
  begun: Promise<unknown>;
  fenced: Promise<unknown> | undefined;
}

interface Flushed {
  row: OutboxRow | undefined;
  /** Streams of which other processes have old rows. */
  foreign: string[];
}

const DIVISION_BY_ZERO = '22012';

/**
 * Runs transactions in few round trips: BEGIN travels with the first statements of `fn`, and all writes with COMMIT; when
 * `fn` waits for nothing, all of them travel together.
 */
export class Transactions {
  outlet: Outlet | undefined;
  /** Told of the due rows of each commit. */
  onScheduled: (changes: readonly DueChange[]) => void = () => undefined;
  private readonly order = new CommitOrder();

  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    private readonly encode: (event: EncodableEvent) => OutgoingRecord,
    private readonly logger: StructuredLogger,
  ) {}

  async run<T>(fn: (tx: PostgresTransaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const client = await takeConnection(this.pool);
    const tx = new PostgresTransaction(client, this.encode);
    let broken = false;
    try {
      const opening = open(tx, begin(options), options.fence);
      const [result, prepared] = await this.body(tx, fn, opening);
      await this.commit(tx, prepared, opening);
      this.logEvents(tx);
      this.runEffects(tx);
      if (prepared.due.length > 0) this.onScheduled(prepared.due);
      return result;
    } catch (error) {
      broken = !(await tx.rollBack());
      throw error;
    } finally {
      tx.close();
      client.release(broken);
    }
  }

  private async body<T>(
    tx: PostgresTransaction,
    fn: (tx: PostgresTransaction) => Promise<T>,
    opening: Opening,
  ): Promise<[T, Prepared]> {
    try {
      const result: [T, Prepared] = [await fn(tx), await tx.prepare()];
      // What waits for COMMIT is not executed when BEGIN fails; what has left already is.
      if (tx.isUnderway) await opening.begun;
      return result;
    } catch (error) {
      // These explain why the statements after them failed.
      await opening.begun;
      await opening.fenced;
      throw error;
    }
  }

  private async commit(tx: PostgresTransaction, prepared: Prepared, opening: Opening): Promise<void> {
    const { records, due, statements } = prepared;
    const isReading =
      records.length === 0 && due.length === 0 && statements.length === 0 && opening.fenced === undefined;
    const flushed =
      isReading || this.outlet === undefined
        ? this.flush(tx, prepared, opening, [])
        : this.outlet.carry((published) => this.flush(tx, prepared, opening, published));
    void this.order.enter(flushed.then((result) => () => this.handOver(result))).catch((error: unknown) => {
      this.logger.error({ reason: String(error) }, 'Handing over for publishing failed');
    });
    await flushed;
  }

  private async flush(
    tx: PostgresTransaction,
    { records, due, statements }: Prepared,
    { begun, fenced }: Opening,
    published: readonly bigint[],
  ): Promise<Flushed> {
    const streamIds = [...new Set(records.flatMap(({ streamId }) => streamId ?? []))];
    const put = due.filter(({ at }) => at !== undefined);
    const cancelled = due.filter(({ at }) => at === undefined);
    const row = records.length > 0 ? leave({ owner: this.owner, records, streamIds, published }) : undefined;
    // Due rows before events: who carries out a due row holds it while it appends. The other way round each would hold
    // what the other waits for.
    const written = [
      ...(put.length > 0 ? [upsertDue(put)] : []),
      ...(cancelled.length > 0 ? [deleteDue(cancelled)] : []),
    ].map((statement) => tx.run(statement));
    const left = row && tx.run<{ id: string; isForeign: boolean }>(row);
    written.push(
      ...statements.map(({ statement, translate }) => tx.run(statement).catch(translated(translate))),
      ...(row === undefined && published.length > 0 ? [tx.run(deletePublished(published))] : []),
    );
    await this.outcome(tx.client, [begun, fenced, left, ...written], tx.run(named('COMMIT')));
    const answer = (await left)?.rows[0];
    return {
      row: answer && {
        id: BigInt(answer.id),
        records: records.map(({ record }) => record),
        isUnhurried: records.every(({ event }) => event !== undefined),
      },
      foreign: answer?.isForeign === true ? streamIds : [],
    };
  }

  /** Resolves when everything was written and committed. */
  private async outcome(client: PoolClient, writes: unknown[], commit: Promise<QueryResult>): Promise<void> {
    const [committed, ...written] = await Promise.allSettled([commit, ...writes]);
    const failed = written.find((write) => write.status === 'rejected');
    if (committed.status === 'rejected') {
      const error = fromDatabaseError(committed.reason);
      if (error instanceof Unavailable && !isRolledBack(error)) this.outlet?.commitUnknown(backendOf(client));
      throw failed?.reason ?? error;
    }
    if (failed !== undefined) throw failed.reason;
    if (committed.value.command !== 'COMMIT') {
      throw new Invalid(
        'transaction-aborted',
        'A statement of the transaction failed and its error was ignored',
      );
    }
  }

  private async handOver({ row, foreign }: Flushed): Promise<void> {
    if (row === undefined) return;
    if (foreign.length > 0) {
      await this.outlet?.precede(foreign).catch((error: unknown) => {
        this.logger.warn({ reason: String(error) }, 'Rows of other processes not looked at');
      });
    }
    this.outlet?.handOver(row);
  }

  /** The story of each request and intent, for whoever looks at logs of level debug. */
  private logEvents({ appended }: PostgresTransaction): void {
    for (const { type, streamId, streamPosition, eventId, correlationId } of appended)
      this.logger.debug({ correlationId, type, streamId, streamPosition, eventId }, 'event');
  }

  private runEffects(tx: PostgresTransaction): void {
    for (const effect of tx.effects) {
      try {
        effect();
      } catch (error) {
        this.logger.error({ err: error }, 'An effect after COMMIT failed');
      }
    }
  }
}

function open(tx: PostgresTransaction, beginning: string[], fence: QueryConfig | undefined): Opening {
  const begun = Promise.all(beginning.map((text) => tx.run(named(text))));
  const fenced = fence && tx.run(fence).catch(asInboxFenced);
  begun.catch(() => undefined);
  fenced?.catch(() => undefined);
  return { begun, fenced };
}

function begin({ durable = true, adHoc = false, lockTimeoutMs }: TransactionOptions): string[] {
  const settings = [
    ...(durable ? [] : ['synchronous_commit = off']),
    ...(lockTimeoutMs === undefined ? [] : [`lock_timeout = ${lockTimeoutMs}`]),
    ...(adHoc ? ['plan_cache_mode = force_custom_plan', 'enable_seqscan = on'] : []),
  ];
  return ['BEGIN', ...settings.map((setting) => `SET LOCAL ${setting}`)];
}

function asInboxFenced(error: unknown): never {
  const isFenced = error instanceof QuorateError && error.details?.['state'] === DIVISION_BY_ZERO;
  throw isFenced ? new InboxFenced() : error;
}

/** Has what a statement throws said in other words. */
function translated(translate: PendingStatement['translate']): (error: unknown) => never {
  return (error) => {
    throw error instanceof QuorateError && translate !== undefined ? translate(error) : error;
  };
}

/** The process id of the connection's backend, which node-postgres does not declare. */
function backendOf(client: PoolClient): number {
  const processId: unknown = Reflect.get(client, 'processID');
  return typeof processId === 'number' ? processId : 0;
}
