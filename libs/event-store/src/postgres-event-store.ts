import { type Batch, type LogProducer, type StructuredLogger } from '@quorate/messaging';
import { type Pool } from 'pg';
import { connectPool } from './database/pool';
import { grantWork, roleOf, warnOfOwner } from './database/runtime-role';
import { waitForDatabase } from './database/wait-for-database';
import { DueTable } from './due/due-table';
import {
  type DueChange,
  type DueRow,
  type EventStore,
  type EventStoreOptions,
  type PoisonHandler,
  type StoreTransaction,
} from './event-store';
import { Inbox } from './inbox/inbox';
import { migrate } from './migrations/migrate';
import { Dispatcher, type DispatcherListener } from './outbox/dispatcher';
import { OutboxTable } from './outbox/outbox-table';
import { Owner } from './outbox/owner';
import { Relay } from './outbox/relay';
import { Transactions } from './transaction/transactions';

const DRAIN_MS = 5000;

/** Waits for the database (with back-off), migrates it and connects. Throws Fatal when it refuses. */
export async function createEventStore(options: EventStoreOptions): Promise<EventStore> {
  await prepareTables(options);
  const store = new PostgresEventStore(options);
  await store.open();
  return store;
}

/** As the owner of the tables, if it is another role, which is gone when this resolves. */
async function prepareTables(options: EventStoreOptions): Promise<void> {
  const { url, migrationUrl = url, migrations, appendOnly = [], logger } = options;
  const client = await waitForDatabase(migrationUrl, logger);
  try {
    if (migrationUrl === url) {
      await migrate(client, url, migrations, () => warnOfOwner(client, logger));
    } else {
      const role = { name: await roleOf(url, logger), appendOnly };
      await migrate(client, migrationUrl, migrations, () => grantWork(client, role));
    }
  } finally {
    await client.end();
  }
}

class PostgresEventStore implements EventStore {
  private readonly logger: StructuredLogger;
  private readonly pool: Pool;
  /** For publishing, so that it never waits for transactions. */
  private readonly outboxPool: Pool;
  private readonly owning: Owner;
  private readonly outbox: OutboxTable;
  private readonly transactions: Transactions;
  private readonly inbox: Inbox;
  private readonly due: DueTable;
  private dispatcher: Dispatcher | undefined;
  private relay: Relay | undefined;

  constructor(private readonly options: EventStoreOptions) {
    const { url, poolSize = 10, idleTransactionMs = 60_000, encodeEvent, logger } = options;
    this.logger = logger;
    this.pool = connectPool(url, { size: poolSize, durable: true, idleTransactionMs }, logger);
    this.outboxPool = connectPool(url, { size: 2, durable: false, idleTransactionMs }, logger);
    this.owning = new Owner(url, logger, () => this.dispatcher?.readTable());
    this.outbox = new OutboxTable(this.outboxPool, this.owning.id);
    this.transactions = new Transactions(this.pool, this.owning.id, encodeEvent, logger);
    this.inbox = new Inbox(this.pool, this.transactions, logger);
    this.due = new DueTable(this.transactions, logger);
  }

  async open(): Promise<void> {
    await this.owning.start();
  }

  get owner(): string {
    return this.owning.id;
  }

  transaction<T>(
    fn: (tx: StoreTransaction) => Promise<T>,
    options?: { durable?: boolean; adHoc?: boolean },
  ): Promise<T> {
    return this.transactions.run(fn, options);
  }

  handleBatches(
    consumer: string,
    batches: readonly Batch[],
    handle: (tx: StoreTransaction, records: Batch['records']) => Promise<void>,
    options: { onPoison?: PoisonHandler } = {},
  ): Promise<void> {
    return this.inbox.handle(consumer, batches, handle, options.onPoison ?? this.options.onPoison);
  }

  inboxPosition(consumer: string, topic: string, partition: number): Promise<bigint | 'earliest'> {
    return this.inbox.position(consumer, topic, partition);
  }

  takeDue(
    kinds: string[],
    limit: number,
    handle: (tx: StoreTransaction, row: DueRow) => Promise<void>,
  ): Promise<number> {
    return this.due.take(kinds, limit, handle);
  }

  onScheduled(listener: (changes: readonly DueChange[]) => void): void {
    this.transactions.onScheduled = listener;
  }

  listen(channel: string, hear: (message: string) => void): Promise<void> {
    return this.owning.listen(channel, hear);
  }

  async startDispatcher(producer: LogProducer, listener?: DispatcherListener): Promise<void> {
    const dispatcher = new Dispatcher(this.outbox, producer, this.logger, listener);
    const relay = new Relay(this.outbox, dispatcher, this.logger);
    this.dispatcher = dispatcher;
    this.relay = relay;
    await relay.start();
    this.transactions.outlet = {
      handOver: (row) => dispatcher.handOver(row),
      precede: (streamIds) => relay.precede(streamIds),
      commitUnknown: (processId) => dispatcher.commitUnknown(processId),
      carry: (transaction) => dispatcher.published.carry(transaction),
    };
    dispatcher.start();
  }

  async close(): Promise<void> {
    this.relay?.stop();
    await this.dispatcher?.drain(DRAIN_MS);
    await this.dispatcher?.stop();
    await this.owning.stop();
    await Promise.all([this.pool.end(), this.outboxPool.end()]);
  }
}
