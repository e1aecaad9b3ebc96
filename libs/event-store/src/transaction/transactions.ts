import { Invalid, Unavailable } from '@quorate/platform';
import { type OutgoingRecord, type StructuredLogger } from '@quorate/messaging';
import { type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { fromDatabaseError } from '../database/database-errors';
import { takeConnection } from '../database/pool';
import { type EncodableEvent } from '../event';
import { InboxFenced } from '../inbox/inbox-fenced';
import { CommitOrder } from '../outbox/commit-order';
import { type OutboxRow } from '../outbox/outbox-row';
import { type PendingDue, type PendingRecord } from './pending-writes';
import { deleteDue, foreignRows, insertEvents, insertOutbox, upsertDue } from './statements';
import { PostgresTransaction } from './store-transaction';

/** Where committed rows go; missing until publishing starts. */
export interface Outlet {
  handOver(rows: OutboxRow[]): void;
  /** Other processes have old rows of these streams: resolves when they are out of the way. */
  precede(streamIds: string[]): Promise<void>;
  commitUnknown(processId: number): void;
}

export interface TransactionOptions {
  durable?: boolean;
  /** An update of the inbox that must change one row, or everything is rolled back with InboxFenced. */
  fence?: QueryConfig;
}

interface Prepared {
  records: PendingRecord[];
  due: PendingDue[];
}

interface Flushed {
  rows: OutboxRow[];
  /** Streams of which other processes have old rows. */
  foreign: string[];
}

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
    { durable = true, fence }: TransactionOptions = {},
  ): Promise<T> {
    const client = await takeConnection(this.pool);
    const tx = new PostgresTransaction(client, this.encode);
    let broken = false;
    try {
      const begun = tx.run({ text: durable ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit = off' });
      const fenced = fence === undefined ? undefined : tx.run(fence);
      const [result, prepared] = await this.body(tx, fn, begun, fenced);
      await this.commit(tx, prepared);
      this.runEffects(tx);
      return result;
    } catch (error) {
      broken = !(await rollBack(client));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async body<T>(
    tx: PostgresTransaction,
    fn: (tx: PostgresTransaction) => Promise<T>,
    begun: Promise<QueryResult>,
    fenced: Promise<QueryResult> | undefined,
  ): Promise<[T, Prepared]> {
    const work = (async (): Promise<[T, Prepared]> => [await fn(tx), await tx.prepare()])();
    const [beginning, fence, outcome] = await Promise.allSettled([begun, fenced, work]);
    if (beginning.status === 'rejected') throw beginning.reason;
    if (fence.status === 'rejected') throw fence.reason;
    if (fence.value !== undefined && fence.value.rowCount !== 1) throw new InboxFenced();
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  private async commit(tx: PostgresTransaction, { records, due }: Prepared): Promise<void> {
    const streams = [...new Set(records.flatMap(({ streamId }) => streamId ?? []))];
    const put = due.filter((row) => row.at !== undefined);
    const cancelled = due.filter((row) => row.at === undefined);
    const writes = [
      records.some(({ event }) => event !== undefined) && tx.run(insertEvents(records)),
      put.length > 0 && tx.run(upsertDue(put)),
      cancelled.length > 0 && tx.run(deleteDue(cancelled)),
    ];
    const inserted =
      records.length === 0 ? undefined : tx.run<{ id: string }>(insertOutbox(this.owner, records));
    const foreign = streams.length === 0 ? undefined : tx.run(foreignRows(this.owner, streams));
    const commit = tx.run({ text: 'COMMIT' });
    const flushed = this.outcome(tx.client, [...writes, inserted, foreign], commit).then(
      async (): Promise<Flushed> => {
        const ids = (await inserted)?.rows ?? [];
        const rows = records.map(({ record }, index) => ({ id: BigInt(ids[index]?.id ?? 0), record }));
        return { rows, foreign: (await foreign)?.rowCount ? streams : [] };
      },
    );
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

  private async handOver({ rows, foreign }: Flushed): Promise<void> {
    if (rows.length === 0) return;
    if (foreign.length > 0) {
      await this.outlet?.precede(foreign).catch((error: unknown) => {
        this.logger.warn({ reason: String(error) }, 'Rows of other processes not looked at');
      });
    }
    this.outlet?.handOver(rows);
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

/** Whether the connection can be used again. */
async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

/** The process id of the connection's backend, which node-postgres does not declare. */
function backendOf(client: PoolClient): number {
  const processId: unknown = Reflect.get(client, 'processID');
  return typeof processId === 'number' ? processId : 0;
}
