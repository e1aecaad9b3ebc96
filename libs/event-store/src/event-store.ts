import {
  type Batch,
  type LogProducer,
  type LogRecord,
  type OutgoingRecord,
  type StructuredLogger,
} from '@quorate/messaging';
import { type QuorateError } from '@quorate/platform';
import { type EncodableEvent, type NewEvent, type StoredEvent } from './event';
import { type MigrationClass } from './migrations/migrate';
import { type DispatcherListener } from './outbox/dispatcher';

export type Row = Record<string, unknown>;

/** A deadline or retry: something to do about (kind, key) at a time. */
export interface DueRow {
  kind: string;
  key: string;
  nextActionAt: Date;
  data: unknown;
}

/** A time that a transaction set or cancelled. */
export interface DueChange {
  readonly kind: string;
  readonly key: string;
  readonly at: Date | undefined;
}

/** One Postgres transaction (READ COMMITTED). Its writes are buffered and sent together before COMMIT. */
export interface StoreTransaction {
  /** Events of all named streams in order, in one query; a stream without events has an empty list. */
  readStreams(streamIds: string[]): Promise<Map<string, StoredEvent[]>>;
  /** The last position of each stream, 0 for one without events. */
  readVersions(streamIds: string[]): Promise<Map<string, number>>;
  /**
   * Appends after position `expectedVersion` (0: the stream is new) and publishes to mpc.events. The version need not come
   * from this transaction: it fails with Conflict `version` when the stream has another one by then.
   */
  append(streamId: string, expectedVersion: number, events: NewEvent[]): void;
  /** Appends at the end of the stream, whatever its version. */
  appendNext(streamId: string, events: NewEvent[]): void;
  /** Adds an outbox row; records of one stream are published in order. */
  publish(record: OutgoingRecord, streamId?: string): void;
  /** Sets the time (and data) of (kind, key), replacing what was there. */
  schedule(kind: string, key: string, at: Date, data?: unknown): void;
  cancelDue(kind: string, key: string): void;
  /** The service's own tables. Runs at once; buffered writes are not visible to it. */
  query<T extends object = Row>(sql: string, params?: unknown[]): Promise<T[]>;
  /**
   * The service's own tables, sent with the other writes before COMMIT; saves the wait for an answer. What fails there
   * fails the transaction.
   * @param translate says what its failure is to the caller
   */
  write(sql: string, params?: unknown[], translate?: (error: QuorateError) => QuorateError): void;
  /**
   * One row for a statement of the service's own tables that takes an array for each column (`unnest`): rows for the same
   * statement travel together, before COMMIT, where `write` of the first of them would.
   * @param key a later row of the same key takes the place of this one
   */
  writeRow(sql: string, row: readonly unknown[], key?: string): void;
  /** Runs after COMMIT, in order of registration; must not throw. */
  afterCommit(effect: () => void): void;
}

export type PoisonHandler = (tx: StoreTransaction, record: LogRecord, error: Error) => Promise<void>;

export interface EventStore {
  /** This process as a number: others get `pg_try_advisory_xact_lock(owner)` once it is dead, or has lost its connection. */
  readonly owner: string;
  /**
   * Runs `fn` in one transaction. `durable: false` commits without waiting for the disk: only for commits that
   * may be lost in a crash without harm. `adHoc: true` plans statements for their parameters: for searches.
   * Throws Conflict (`version`), Unavailable (connection), or what `fn` threw.
   */
  transaction<T>(
    fn: (tx: StoreTransaction) => Promise<T>,
    options?: { durable?: boolean; adHoc?: boolean },
  ): Promise<T>;
  /**
   * Handles batches of one topic, at most one of each partition, in one transaction fenced by the inbox rows of
   * (consumer, topic, partition): all of them or none. Batches that fail on data are replayed record by record; a record
   * that fails alone goes to `onPoison`. Batches without records only move the inbox.
   * Throws Unavailable: to be tried again; with code `inbox-fenced`: ask `inboxPosition` and read from there.
   */
  handleBatches(
    consumer: string,
    batches: readonly Batch[],
    handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>,
    options?: { onPoison?: PoisonHandler },
  ): Promise<void>;
  inboxPosition(consumer: string, topic: string, partition: number): Promise<bigint | 'earliest'>;
  /** Takes up to `limit` rows that are due, deletes them and handles each, in one transaction; returns how many. */
  takeDue(
    kinds: string[],
    limit: number,
    handle: (tx: StoreTransaction, row: DueRow) => Promise<void>,
  ): Promise<number>;
  /** Tells of each committed change of due rows by this store; `at` is undefined for one that was cancelled. */
  onScheduled(listener: (changes: readonly DueChange[]) => void): void;
  /** Takes over the outbox rows of dead processes, then publishes what is committed here. Call before subscribing. */
  startDispatcher(producer: LogProducer, listener?: DispatcherListener): Promise<void>;
  /**
   * Has `hear` called with what processes with this database announce on a channel (`pg_notify`), this one included. What
   * is announced while the connection is away is missed.
   */
  listen(channel: string, hear: (message: string) => void): Promise<void>;
  /** Publishes what is waiting (for at most 5 s) and disconnects. */
  close(): Promise<void>;
}

export interface EventStoreOptions {
  /** postgres:// URL. */
  url: string;
  /**
   * URL of the role that owns the tables: used to migrate them and to grant the role of `url` what its work needs, then
   * closed. Default: `url`; its role then needs no more than to work, when somebody else has migrated the tables.
   */
  migrationUrl?: string | undefined;
  /** Migrations of the service's own tables; the library's run first. */
  migrations: readonly MigrationClass[];
  /** Tables of these that the role of `url` may read and add to, and nothing else. */
  appendOnly?: readonly string[] | undefined;
  /** Makes the signed record of mpc.events; its header `jws` is stored with its value. */
  encodeEvent: (event: EncodableEvent) => OutgoingRecord;
  logger: StructuredLogger;
  /** Default for `handleBatches`; without one a poison record's error is thrown. */
  onPoison?: PoisonHandler | undefined;
  /** Connections for transactions, default 10. */
  poolSize?: number | undefined;
  /** After which a transaction without statements is undone, so that a process that hangs holds no locks; default 60000. */
  idleTransactionMs?: number | undefined;
}
