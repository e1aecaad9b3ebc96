import { type OutgoingRecord } from '@quorate/messaging';
import { type Pool } from 'pg';
import { fromDatabaseError } from '../database/database-errors';
import { deletePublished, FOREIGN_ROWS, SEIZE_ROWS } from '../transaction/statements';
import { type OutboxRow } from './outbox-row';
import { type EventPlace, malformed, type PackableRecord, unpackRecords } from './packed-records';

/**
 * Rows of this process in the outbox. Nothing here needs to wait for the disk: what a crash undoes is published again.
 */
export class OutboxTable {
  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
  ) {}

  /** The oldest rows, by id. */
  async oldest(limit: number): Promise<OutboxRow[]> {
    const rows = await this.query<{ id: string; records: Buffer }>(
      'SELECT id, records FROM outbox WHERE owner = $1 ORDER BY id LIMIT $2',
      [this.owner, limit],
    );
    const unpacked = rows.map(({ id, records }) => ({ id: BigInt(id), records: unpackRecords(records) }));
    const complete = await this.completion(
      unpacked.flatMap(({ records }) => records.flatMap(({ event }) => event ?? [])),
    );
    return unpacked.map(({ id, records }) => ({ id, records: records.map(complete) }));
  }

  /** Gives records back what the event table holds of them. */
  private async completion(
    places: readonly EventPlace[],
  ): Promise<(packed: PackableRecord) => OutgoingRecord> {
    const found = new Map<string, { value: Buffer; jws: string }>();
    if (places.length > 0) {
      const events = await this.query<{ stream_id: string; position: number; value: Buffer; jws: string }>(
        `SELECT stream_id, position, value, jws FROM event
         JOIN unnest($1::text[], $2::integer[]) AS wanted(stream_id, position) USING (stream_id, position)`,
        [places.map(({ streamId }) => streamId), places.map(({ streamPosition }) => streamPosition)],
      );
      for (const { stream_id: streamId, position: streamPosition, value, jws } of events)
        found.set(nameOf({ streamId, streamPosition }), { value, jws });
    }
    return ({ record, event }) => {
      if (event === undefined) return record;
      const stored = found.get(nameOf(event));
      if (stored === undefined)
        throw malformed(`there is no event ${event.streamPosition} of ${event.streamId}`);
      return { ...record, value: stored.value, headers: { ...record.headers, jws: stored.jws } };
    };
  }

  /** Forgets rows that were published. */
  async remove(ids: readonly bigint[]): Promise<void> {
    const { text, values } = deletePublished(ids);
    await this.query(text, values);
  }

  /**
   * Makes the rows of dead owners this process's own; returns how many. An owner is dead when its advisory lock is
   * free; holding that lock until COMMIT keeps two processes from taking the same rows.
   */
  async takeOver(): Promise<number> {
    const rows = await this.query(
      `WITH dead AS MATERIALIZED (
         SELECT owner FROM (SELECT DISTINCT owner FROM outbox WHERE owner <> $1) AS other
         WHERE pg_try_advisory_xact_lock(owner)
       )
       UPDATE outbox SET owner = $1 FROM dead WHERE outbox.owner = dead.owner RETURNING outbox.id`,
      [this.owner],
    );
    return rows.length;
  }

  /** Whether other processes have old rows of these streams. */
  async foreign(streamIds: string[]): Promise<boolean> {
    return (await this.query(FOREIGN_ROWS, [this.owner, streamIds])).length > 0;
  }

  /**
   * Makes old rows of these streams this process's own although their owners live; returns how many. An owner that goes on
   * publishes them once more.
   */
  async seize(streamIds: string[]): Promise<number> {
    return (await this.query(SEIZE_ROWS, [this.owner, streamIds])).length;
  }

  /** Whether a backend of this database still runs, e.g. one whose connection broke during COMMIT. */
  async backendRuns(processId: number): Promise<boolean> {
    const rows = await this.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [processId]);
    return rows.length > 0;
  }

  private async query<T extends object>(sql: string, params: unknown[]): Promise<T[]> {
    try {
      return (await this.pool.query<T & Record<string, unknown>>(sql, params)).rows;
    } catch (error) {
      throw fromDatabaseError(error);
    }
  }
}

function nameOf({ streamId, streamPosition }: EventPlace): string {
  return `${streamPosition} ${streamId}`;
}
