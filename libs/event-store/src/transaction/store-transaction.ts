import { type OutgoingRecord } from '@quorate/messaging';
import { type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { type QuorateError } from '@quorate/platform';
import { fromDatabaseError } from '../database/database-errors';
import { Pipeline } from '../database/pipeline';
import { type EncodableEvent, type NewEvent, type StoredEvent } from '../event';
import { type Row, type StoreTransaction } from '../event-store';
import { PendingWrites, type Prepared } from './pending-writes';
import { named } from './statement-names';
import { lockStreams, readStreams, streamVersions } from './statements';

interface EventRow {
  stream_id: string;
  position: number;
  event_id: string;
  type: string;
  value: Buffer;
  jws: string;
  occurred_at: Date;
}

/** A transaction on one connection. Its writes wait here until `prepare`. */
export class PostgresTransaction implements StoreTransaction {
  readonly effects: (() => void)[] = [];
  /** What `prepare` placed. */
  readonly appended: EncodableEvent[] = [];
  private readonly writes = new PendingWrites();
  private readonly versions = new Map<string, number>();
  private readonly pipeline: Pipeline;

  constructor(
    readonly client: PoolClient,
    private readonly encode: (event: EncodableEvent) => OutgoingRecord,
  ) {
    this.pipeline = new Pipeline(client);
  }

  async readStreams(streamIds: string[]): Promise<Map<string, StoredEvent[]>> {
    const streams = new Map<string, StoredEvent[]>(streamIds.map((id) => [id, []]));
    if (streams.size === 0) return streams;
    const { rows } = await this.run<EventRow>(readStreams([...streams.keys()]));
    for (const row of rows) streams.get(row.stream_id)?.push(toEvent(row));
    for (const [id, events] of streams) this.versions.set(id, events.at(-1)?.position ?? 0);
    return streams;
  }

  async readVersions(streamIds: string[]): Promise<Map<string, number>> {
    if (streamIds.length === 0) return new Map();
    const { rows } = await this.run<{ stream_id: string; version: number }>(streamVersions(streamIds));
    return new Map(rows.map((row) => [row.stream_id, row.version]));
  }

  append(streamId: string, expectedVersion: number, events: NewEvent[]): void {
    this.writes.append(streamId, expectedVersion, events);
  }

  appendNext(streamId: string, events: NewEvent[]): void {
    this.writes.append(streamId, undefined, events);
  }

  publish(record: OutgoingRecord, streamId?: string): void {
    this.writes.publish(record, streamId);
  }

  schedule(kind: string, key: string, at: Date, data?: unknown): void {
    this.writes.setDue({ kind, key, at, data });
  }

  cancelDue(kind: string, key: string): void {
    this.writes.setDue({ kind, key, at: undefined, data: undefined });
  }

  async query<T extends object = Row>(sql: string, params: unknown[] = []): Promise<T[]> {
    return (await this.run<T & Row>({ ...named(sql), values: params })).rows;
  }

  write(sql: string, params: unknown[] = [], translate?: (error: QuorateError) => QuorateError): void {
    this.writes.statements.push({ statement: { ...named(sql), values: params }, translate });
  }

  writeRow(sql: string, row: readonly unknown[], key?: string): void {
    this.writes.gather(sql, row, key);
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  /** Places and encodes what is to be written. Throws Conflict `version`. */
  async prepare(): Promise<Prepared> {
    const openEnded = this.writes.openEnded();
    if (openEnded.length > 0) {
      const [, versions] = await Promise.all([
        this.run(lockStreams(openEnded)),
        this.readVersions(openEnded),
      ]);
      for (const [streamId, version] of versions) this.versions.set(streamId, version);
    }
    return {
      records: this.writes.place(this.versions, (event) => {
        this.appended.push(event);
        return this.encode(event);
      }),
      due: [...this.writes.due.values()],
      statements: this.writes.allStatements(),
    };
  }

  async run<T extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<T>> {
    try {
      return await this.pipeline.run<T>(statement);
    } catch (error) {
      throw fromDatabaseError(error);
    }
  }

  /** Whether statements have left, and not only wait to. */
  get isUnderway(): boolean {
    return this.pipeline.isUnderway;
  }

  /** Call when the connection goes to somebody else. */
  close(): void {
    this.pipeline.close();
  }

  /** Ends the transaction; false when the connection cannot be used again. */
  async rollBack(): Promise<boolean> {
    try {
      this.pipeline.send();
      await this.client.query('ROLLBACK');
      return true;
    } catch {
      return false;
    }
  }
}

function toEvent(row: EventRow): StoredEvent {
  const data: unknown = JSON.parse(row.value.toString());
  return {
    streamId: row.stream_id,
    position: row.position,
    eventId: row.event_id,
    type: row.type,
    occurredAt: row.occurred_at,
    data: isObject(data) ? data : {},
    value: row.value,
    jws: row.jws,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
