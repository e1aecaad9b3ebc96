import { type StoreTransaction } from '@quorate/event-store';
import { type LogEntry } from '../log-entry/log-entry';

export interface EventFilter {
  readonly requestId?: string | undefined;
  readonly intentId?: string | undefined;
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly keyId?: string | undefined;
  readonly eventId?: string | undefined;
  /** A hash, digest, address or public key that a verified event names; lowercase. */
  readonly hash?: string | undefined;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
}

export type Order = 'asc' | 'desc';

/** A place between two entries: reading goes on after it, in the order of the query. */
export interface Position {
  readonly log: number;
  readonly index: bigint;
}

export interface PageQuery {
  readonly filter: EventFilter;
  readonly order: Order;
  readonly after?: Position | undefined;
  readonly limit: number;
}

/** Entries that follow each other. One answer holds so much memory, whatever a writer of mpc.events puts into its records. */
export interface Page {
  readonly entries: LogEntry[];
  /** The last of them, where others follow. */
  readonly next?: Position | undefined;
}

/** The ordered, append-only table of everything that was on mpc.events. */
export interface AuditLog {
  /** Appends consecutive entries of one log, and returns them with duplicates marked. Part of the transaction that moves the inbox. */
  append(tx: StoreTransaction, entries: readonly LogEntry[]): Promise<LogEntry[]>;
  /** The entry with the highest index of a log; undefined when the log is empty. */
  last(log: number): Promise<LogEntry | undefined>;
  /** The first entries that match, at most `limit`; fewer where they are large. */
  page(query: PageQuery): Promise<Page>;
  /** The entries of one log from an index up to (not with) another one, in order; where they are large the first of them. */
  range(log: number, from: number, to: number): Promise<LogEntry[]>;
  at(tx: StoreTransaction, log: number, index: number): Promise<LogEntry | undefined>;
  /** The first entry with an event id, verified ones before others. */
  withEventId(tx: StoreTransaction, eventId: string): Promise<LogEntry | undefined>;
  /** The entries whose correlation id, request id or intent id is `id`, by log and index; where they are large the first. */
  story(id: string, after?: Position): Promise<Page>;
}

export const AUDIT_LOG = Symbol('AUDIT_LOG');
