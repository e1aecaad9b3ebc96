import { randomUUID } from 'node:crypto';
import { Conflict, Invalid, type QuorateError } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';
import { type QueryConfig } from 'pg';
import { type EncodableEvent, type NewEvent } from '../event';
import { type DueChange } from '../event-store';
import { named } from './statement-names';

/** A record to be published; `event` when it is also a row of the event table. */
export interface PendingRecord {
  record: OutgoingRecord;
  streamId: string | undefined;
  event?: StorableEvent;
}

interface StorableEvent extends EncodableEvent {
  value: Buffer;
  jws: string;
  /** Of the stream before this transaction. */
  version: number;
}

export interface PendingDue extends DueChange {
  readonly data: unknown;
}

/** A statement of the service, sent with the rest before COMMIT. */
export interface PendingStatement {
  statement: QueryConfig;
  /** What its failure is to the caller. */
  translate: ((error: QuorateError) => QuorateError) | undefined;
  /** Of a statement that takes an array for each column: its rows, by key or place. */
  rows?: GatheredRows;
}

type GatheredRows = Map<string | number, readonly unknown[]>;

/** What is left to be sent with COMMIT, placed and encoded. */
export interface Prepared {
  records: PendingRecord[];
  due: PendingDue[];
  statements: PendingStatement[];
}

type Operation =
  | { what: 'append'; streamId: string; expectedVersion: number | undefined; events: NewEvent[] }
  | { what: 'publish'; record: OutgoingRecord; streamId: string | undefined };

/** What a transaction is going to write, in the order of the calls. */
export class PendingWrites {
  readonly due = new Map<string, PendingDue>();
  readonly statements: PendingStatement[] = [];
  /** Rows of statements that take many, by statement. */
  private readonly gathered = new Map<string, GatheredRows>();
  private readonly operations: Operation[] = [];

  append(streamId: string, expectedVersion: number | undefined, events: NewEvent[]): void {
    if (events.length > 0) this.operations.push({ what: 'append', streamId, expectedVersion, events });
  }

  publish(record: OutgoingRecord, streamId: string | undefined): void {
    this.operations.push({ what: 'publish', record, streamId });
  }

  setDue(due: PendingDue): void {
    this.due.set(JSON.stringify([due.kind, due.key]), due);
  }

  gather(sql: string, row: readonly unknown[], key: string | undefined): void {
    let rows = this.gathered.get(sql);
    if (rows === undefined) {
      rows = new Map();
      this.gathered.set(sql, rows);
      this.statements.push({ statement: named(sql), translate: undefined, rows });
    }
    rows.set(key ?? rows.size, row);
  }

  /** The statements, with the rows that were gathered for them as one array for each column. */
  allStatements(): PendingStatement[] {
    return this.statements.map(({ statement, translate, rows }) => ({
      statement: rows === undefined ? statement : { ...statement, values: columnsOf([...rows.values()]) },
      translate,
    }));
  }

  /** Streams to be locked because something goes to their end, sorted. */
  openEnded(): string[] {
    const ids = this.operations.flatMap((operation) =>
      operation.what === 'append' && operation.expectedVersion === undefined ? [operation.streamId] : [],
    );
    return [...new Set(ids)].sort();
  }

  /**
   * Gives every event its position and encodes it.
   * @param known the version of each stream, as far as it was read; other versions are what `append` expects, and are
   * checked by the insert
   * Throws Conflict `version`, and what `encode` throws.
   */
  place(
    known: ReadonlyMap<string, number>,
    encode: (event: EncodableEvent) => OutgoingRecord,
  ): PendingRecord[] {
    const before = new Map(known);
    const versions = new Map(known);
    return this.operations.flatMap((operation) => {
      if (operation.what === 'publish') return [{ record: operation.record, streamId: operation.streamId }];
      const { streamId, expectedVersion, events } = operation;
      const version = versions.get(streamId) ?? expectedVersion ?? 0;
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new Conflict('version', `Stream ${streamId} is at ${version}, not at ${expectedVersion}`);
      }
      const stored = before.get(streamId) ?? version;
      before.set(streamId, stored);
      versions.set(streamId, version + events.length);
      return events.map((event, index) => place(event, streamId, stored, version + index + 1, encode));
    });
  }
}

function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
}

function place(
  {
    type,
    data,
    correlationId,
    causationId,
    eventId = randomUUID(),
    occurredAt = new Date(),
    traceparent,
  }: NewEvent,
  streamId: string,
  version: number,
  streamPosition: number,
  encode: (event: EncodableEvent) => OutgoingRecord,
): PendingRecord {
  const event = { type, data, correlationId, causationId, eventId, occurredAt, streamId, streamPosition };
  const record = encode(traceparent === undefined ? event : { ...event, traceparent });
  const jws = record.headers['jws'];
  if (record.value === null || jws === undefined) {
    throw new Invalid('unsigned-event', `encodeEvent made a record of ${type} without value or header jws`);
  }
  return { record, streamId, event: { ...event, value: record.value, jws: jws.toString(), version } };
}
