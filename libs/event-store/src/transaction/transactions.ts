import { Invalid, QuorateError, Unavailable } from '@quorate/platform';
import { type OutgoingRecord, type StructuredLogger } from '@quorate/messaging';
import { type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { fromDatabaseError } from '../database/database-errors';
import { takeConnection } from '../database/pool';
import { type EncodableEvent } from '../event';
import { InboxFenced } from '../inbox/inbox-fenced';
import { CommitOrder } from '../outbox/commit-order';
import { type OutboxRow } from '../outbox/outbox-row';
import { type PendingDue, type PendingRecord, type PendingStatement } from './pending-writes';
import { named } from './statement-names';
import { leave } from './statements';
import { PostgresTransaction } from './store-transaction';

/** Where committed rows go; missing until publishing starts. */
export interface Outlet {
  handOver(row: OutboxRow): void;
  /** Other processes have old rows of these streams: resolves when they are out of the way. */
  precede(streamIds: string[]): Promise<void>;
  commitUnknown(processId: number): void;
  /** Rows that were published, for the next transaction to delete. */
  takePublished(): bigint[];
  /** @param transaction rejects when it did not delete them */
  carried(ids: bigint[], transaction: Promise<unknown>): void;
}

export interface TransactionOptions {
  durable?: boolean;
  /** Statements are planned anew for their parameters: for searches with many filters. */
  adHoc?: boolean;
  /** An update of the inbox that divides by zero when it cannot be made: then all is rolled back with InboxFenced. */
  fence?: QueryConfig;
}

interface Prepared {
  records: PendingRecord[];
  due: PendingDue[];
  statements: PendingStatement[];
}

interface Flushed {
  row: OutboxRow | undefined;
  /** Streams of which other processes have old rows. */
  foreign: string[];
}

const DIVISION_BY_ZERO = '22012';

/**
 * Runs transactions in few round trips: BEGIN travels with the first statement of `fn`, and all writes with COMMIT.
 */
export class Transactions {
  outlet: Outlet | undefined;
  private readonly order = new CommitOrder();

  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    private readonly encode: (event: EncodableEvent) => OutgoingRecord,
    private readonly logger: StructuredLogger,
  ) {}

  async run<T>(
    fn: (tx: PostgresTransaction) => Promise<T>,
    { durable = true, adHoc = false, fence }: TransactionOptions = {},
  ): Promise<T> {
    const client = await takeConnection(this.pool);
    const tx = new PostgresTransaction(client, this.encode);
    let broken = false;
    try {
      const begun = Promise.all(begin(durable, adHoc).map((text) => tx.run(named(text))));
      const fenced = fence === undefined ? undefined : tx.run(fence).catch(asInboxFenced);
      const [result, prepared] = await this.body(tx, fn, begun, fenced);
      await this.commit(tx, prepared, fenced);
      this.runEffects(tx);
      return result;
    } catch (error) {
      broken = !(await tx.rollBack());
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async body<T>(
    tx: PostgresTransaction,
    fn: (tx: PostgresTransaction) => Promise<T>,
    begun: Promise<unknown>,
    fenced: Promise<QueryResult> | undefined,
  ): Promise<[T, Prepared]> {
    const work = (async (): Promise<[T, Prepared]> => [await fn(tx), await tx.prepare()])();
    // A fence that fails is looked at with COMMIT, or explains why the statements after it failed.
    fenced?.catch(() => undefined);
    const [beginning, outcome] = await Promise.allSettled([begun, work]);
    if (beginning.status === 'rejected') throw beginning.reason;
    if (outcome.status === 'fulfilled') return outcome.value;
    await fenced;
    throw outcome.reason;
  }

  private async commit(
    tx: PostgresTransaction,
    { records, due, statements }: Prepared,
    fenced: Promise<unknown> | undefined,
  ): Promise<void> {
    const streams = [...new Set(records.flatMap(({ streamId }) => streamId ?? []))];
    const published = this.outlet?.takePublished() ?? [];
    const own = statements.map(({ statement, translate }) => tx.run(statement).catch(translated(translate)));
    const isEmpty = records.length === 0 && due.length === 0 && published.length === 0;
    const left = isEmpty
      ? undefined
      : tx.run<{ id: string | null; isForeign: boolean }>(
          leave({ owner: this.owner, streamIds: streams, records, due, published }),
        );
    const commit = tx.run(named('COMMIT'));
    const flushed = this.outcome(tx.client, [fenced, ...own, left], commit).then(
      async (): Promise<Flushed> => {
        const answer = (await left)?.rows[0];
        const id = answer?.id ?? undefined;
        const row =
          id === undefined ? undefined : { id: BigInt(id), records: records.map(({ record }) => record) };
        return { row, foreign: answer?.isForeign === true ? streams : [] };
      },
    );
    if (published.length > 0) this.outlet?.carried(published, flushed);
    void this.order.enter(flushed.then((result) => () => this.handOver(result))).catch((error: unknown) => {
      this.logger.error({ reason: String(error) }, 'Handing over for publishing failed');
    });
    await flushed;
  }

  /** Resolves when everything was written and committed. */
  private async outcome(client: PoolClient, writes: unknown[], commit: Promise<QueryResult>): Promise<void> {
    const [committed, ...written] = await Promise.allSettled([commit, ...writes]);
    const failed = written.find((write) => write.status === 'rejected');
    if (committed.status === 'rejected') {
      const error = fromDatabaseError(committed.reason);
      if (error instanceof Unavailable) this.outlet?.commitUnknown(backendOf(client));
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

function begin(durable: boolean, adHoc: boolean): string[] {
  const settings = [
    ...(durable ? [] : ['synchronous_commit = off']),
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
