import { asQuorateError, Conflict, Fatal, QuorateError, Unavailable } from '@quorate/platform';
import {
  backOff,
  type Batch,
  type LogRecord,
  pauseFor,
  recordsOf,
  type StructuredLogger,
} from '@quorate/messaging';
import { type Pool, type QueryConfig } from 'pg';
import { fromDatabaseError } from '../database/database-errors';
import { type PoisonHandler, type StoreTransaction } from '../event-store';
import { type Transactions } from '../transaction/transactions';

/** Attempts of batches that lose races for stream versions, before the caller backs off. */
const VERSION_ATTEMPTS = 5;

type HandleRecords = (tx: StoreTransaction, records: LogRecord[]) => Promise<void>;

/** Positions of consumers, moved in the transactions that handle the batches. */
export class Inbox {
  constructor(
    private readonly pool: Pool,
    private readonly transactions: Transactions,
    private readonly logger: StructuredLogger,
  ) {}

  async position(consumer: string, topic: string, partition: number): Promise<bigint | 'earliest'> {
    try {
      const { rows } = await this.pool.query<{ next_offset: string }>(
        'SELECT next_offset FROM inbox WHERE consumer = $1 AND topic = $2 AND partition = $3',
        [consumer, topic, partition],
      );
      const row = rows[0];
      return row === undefined ? 'earliest' : BigInt(row.next_offset);
    } catch (error) {
      throw fromDatabaseError(error);
    }
  }

  async handle(
    consumer: string,
    batches: readonly Batch[],
    handle: HandleRecords,
    onPoison: PoisonHandler | undefined,
  ): Promise<void> {
    const records = recordsOf(batches);
    if (records.length === 0) return this.skip(consumer, batches);
    try {
      await this.attempt(consumer, batches, (tx) => handle(tx, records));
    } catch (error) {
      if (!isAboutData(error) || onPoison === undefined) throw error;
      const topic = batches[0]?.topic;
      this.logger.warn({ topic, records: records.length, reason: String(error) }, 'Batches fail, one by one');
      for (const single of batches.flatMap(singles))
        await this.handleSingle(consumer, single, handle, onPoison);
      const empty = batches.filter((batch) => batch.records.length === 0);
      if (empty.length > 0) await this.skip(consumer, empty);
    }
  }

  /** Only moves the inbox. A crash that loses this commit brings the same again, so it need not wait for the disk. */
  private skip(consumer: string, batches: readonly Batch[]): Promise<void> {
    const fence = moveInbox(consumer, batches);
    return this.transactions.run(() => Promise.resolve(), { fence, durable: false });
  }

  private async handleSingle(
    consumer: string,
    { record, batch }: { record: LogRecord; batch: Batch },
    handle: HandleRecords,
    onPoison: PoisonHandler,
  ): Promise<void> {
    try {
      await this.attempt(consumer, [batch], (tx) => handle(tx, [record]));
    } catch (thrown) {
      if (!isAboutData(thrown)) throw thrown;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const { topic, partition, offset } = record;
      this.logger.error({ topic, partition, offset: String(offset), err: error }, 'Record cannot be handled');
      try {
        await this.attempt(consumer, [batch], (tx) => onPoison(tx, record, error));
      } catch (failure) {
        if (!isAboutData(failure)) throw failure;
        throw new Fatal(
          'poison',
          `Neither the record nor its dead letter can be handled: ${String(failure)}`,
          {
            cause: failure,
          },
        );
      }
    }
  }

  private async attempt(
    consumer: string,
    batches: readonly Batch[],
    work: (tx: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    const fence = moveInbox(consumer, batches);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.transactions.run(work, { fence });
      } catch (error) {
        if (!isVersionConflict(error)) throw error;
        if (attempt === VERSION_ATTEMPTS) {
          throw new Unavailable('version', 'Others keep appending to the same streams', { cause: error });
        }
        await pauseFor(backOff(0, 20 * attempt));
      }
    }
  }
}

/**
 * The batch as batches of one record, which together move the inbox as far. It may move less far than the last record:
 * then some before it are not handled yet.
 */
function singles(batch: Batch): { record: LogRecord; batch: Batch }[] {
  let firstOffset = batch.firstOffset;
  return batch.records.map((record, index) => {
    const next = batch.records[index + 1]?.offset ?? batch.nextOffset;
    const nextOffset = next < batch.nextOffset ? next : batch.nextOffset;
    const single = { ...batch, records: [record], firstOffset, nextOffset };
    firstOffset = nextOffset;
    return { record, batch: single };
  });
}

/**
 * Fails with a division by zero unless all positions could be moved, so that COMMIT need not wait for the answer. In order
 * of partitions, so that nobody waits in a circle.
 */
function moveInbox(consumer: string, batches: readonly Batch[]): QueryConfig {
  const ordered = [...batches].sort((one, other) => one.partition - other.partition);
  return {
    name: 'move-inbox',
    text: `WITH moved AS (
             INSERT INTO inbox AS i (consumer, topic, partition, next_offset)
             SELECT $1, $2, b.partition, b.next_offset FROM unnest($3::integer[], $5::bigint[]) AS b(partition, next_offset)
             ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = EXCLUDED.next_offset
             WHERE i.next_offset = ($4::bigint[])[array_position($3::integer[], EXCLUDED.partition)]
             RETURNING 1)
           SELECT 1 / (count(*) = cardinality($3::integer[]))::integer FROM moved`,
    values: [
      consumer,
      ordered[0]?.topic,
      ordered.map(({ partition }) => partition),
      ordered.map(({ firstOffset }) => String(firstOffset)),
      ordered.map(({ nextOffset }) => String(nextOffset)),
    ],
  };
}

function isVersionConflict(error: unknown): boolean {
  return error instanceof Conflict && error.code === 'version';
}

/** Whether the same records fail again whatever the state of connections and other processes. */
function isAboutData(thrown: unknown): boolean {
  if (!(thrown instanceof QuorateError)) return true;
  const { kind } = asQuorateError(thrown);
  return kind !== 'unavailable' && kind !== 'fatal';
}
