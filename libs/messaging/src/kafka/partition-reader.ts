import { type Batch as KafkaBatch } from 'kafkajs';
import { HANDLE_BYTES, HANDLE_RECORDS } from '../deliveries';
import { type Batch, type LogRecord } from '../message-log.port';

/** Where reading of an assigned partition stands, and what of a fetch comes next. */
export class PartitionReader {
  /** Next offset to deliver; undefined until the start position is known. */
  position: bigint | undefined;
  /** `firstOffset` of the next batch: like `position`, but not moved by records that no longer exist. */
  handled = 0n;
  /** Deliveries in a row that failed. */
  failures = 0;
  private reseeks = 0;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  startAt(offset: bigint): void {
    this.position = offset;
    this.handled = offset;
    this.reseeks = 0;
  }

  /** Offsets up to `next` hold nothing to deliver (compaction, transaction markers). */
  skipTo(next: bigint): void {
    if (this.position !== undefined && next > this.position) this.position = next;
  }

  advance(batch: Batch): void {
    this.position = batch.nextOffset;
    this.handled = batch.nextOffset;
    this.failures = 0;
  }

  /**
   * The part of a fetch that is to be delivered, in slices; undefined when the fetch is not of this position and
   * reading must be sent back to it. A fetch that starts later is believed at the second time: then the records
   * between were removed by retention.
   */
  slices(fetch: KafkaBatch): Batch[] | undefined {
    if (this.position === undefined) return undefined;
    const position = this.position;
    const end = BigInt(fetch.lastOffset()) + 1n;
    const fetchedFrom = fetchOffset(fetch);
    if (end <= position || (fetchedFrom > position && this.reseeks++ < 1)) return undefined;
    this.reseeks = 0;
    const records = fetch.messages
      .filter((message) => BigInt(message.offset) >= position)
      .map((message) => toRecord(this.topic, this.partition, message));
    return this.cut(records, end, BigInt(fetch.highWatermark));
  }

  private cut(records: LogRecord[], end: bigint, highWatermark: bigint): Batch[] {
    const batches: Batch[] = [];
    let firstOffset = this.handled;
    let slice: LogRecord[] = [];
    let bytes = 0;
    const close = (nextOffset: bigint) => {
      const { topic, partition } = this;
      batches.push({ topic, partition, firstOffset, records: slice, nextOffset, highWatermark });
      firstOffset = nextOffset;
      slice = [];
      bytes = 0;
    };
    for (const record of records) {
      const size = record.value?.length ?? 0;
      if (slice.length >= HANDLE_RECORDS || (slice.length > 0 && bytes + size > HANDLE_BYTES))
        close(record.offset);
      slice.push(record);
      bytes += size;
    }
    if (slice.length > 0) close(end);
    return batches;
  }
}

/** The offset that a fetch asked for: kafkajs keeps it on the batch without declaring it. */
function fetchOffset(fetch: KafkaBatch): bigint {
  const offset: unknown = Reflect.get(fetch, 'fetchedOffset');
  return BigInt(typeof offset === 'string' ? offset : (fetch.firstOffset() ?? fetch.lastOffset()));
}

function toRecord(topic: string, partition: number, message: KafkaBatch['messages'][number]): LogRecord {
  const headers: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    headers[name] = headerValue(value);
  }
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers,
    timestamp: Number(message.timestamp),
  };
}

/** The value of a header, the last one where it is there more than once; Kafka allows null, which is delivered as no bytes. */
function headerValue(value: unknown): Buffer {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last === 'string') return Buffer.from(last);
  return Buffer.isBuffer(last) ? last : Buffer.alloc(0);
}
