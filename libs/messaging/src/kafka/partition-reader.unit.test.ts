import { type Batch as KafkaBatch } from 'kafkajs';
import { PartitionReader } from './partition-reader';

/** A fetch from `from` that found these offsets. */
function fetch(from: number, offsets: number[], size = 1): KafkaBatch {
  const messages = offsets.map((offset) => ({
    key: null,
    value: Buffer.alloc(size),
    timestamp: '0',
    attributes: 0,
    offset: String(offset),
    headers: {},
  }));
  const last = String(offsets.at(-1) ?? from - 1);
  const batch = {
    topic: 't',
    partition: 0,
    highWatermark: '1000',
    messages,
    fetchedOffset: String(from),
    isEmpty: () => messages.length === 0,
    firstOffset: () => messages[0]?.offset ?? null,
    lastOffset: () => last,
    offsetLag: () => '0',
    offsetLagLow: () => '0',
  };
  return batch;
}

const shape = (reader: PartitionReader, batch: KafkaBatch) =>
  reader
    .slices(batch)
    ?.map(({ firstOffset, records, nextOffset }) => [
      firstOffset,
      records.map(({ offset }) => offset),
      nextOffset,
    ]);

describe('PartitionReader', () => {
  let reader: PartitionReader;

  beforeEach(() => {
    reader = new PartitionReader('t', 0);
    reader.startAt(10n);
  });

  it('delivers a fetch from its position, gaps included', () => {
    expect(shape(reader, fetch(10, [12, 15]))).toEqual([[10n, [12n, 15n], 16n]]);
  });

  it('drops what lies before its position', () => {
    expect(shape(reader, fetch(8, [8, 9, 10, 11]))).toEqual([[10n, [10n, 11n], 12n]]);
    expect(reader.slices(fetch(3, [3, 4]))).toBeUndefined();
  });

  it('sends reading back when a fetch starts too late, and believes it when it does again', () => {
    expect(reader.slices(fetch(20, [20]))).toBeUndefined();
    expect(shape(reader, fetch(20, [20]))).toEqual([[10n, [20n], 21n]]);
  });

  it('keeps where handling stood when offsets hold nothing', () => {
    reader.skipTo(13n);
    expect(shape(reader, fetch(13, [13]))).toEqual([[10n, [13n], 14n]]);
  });

  it('cuts large fetches into slices that follow each other', () => {
    const offsets = Array.from({ length: 501 }, (_, index) => 10 + index);
    const slices = reader.slices(fetch(10, offsets)) ?? [];
    expect(
      slices.map(({ firstOffset, records, nextOffset }) => [firstOffset, records.length, nextOffset]),
    ).toEqual([
      [10n, 500, 510n],
      [510n, 1, 511n],
    ]);
    expect(reader.slices(fetch(10, [10, 11], 3_000_000))?.length).toBe(2);
  });

  it('delivers headers that are null, or there more than once, as bytes', () => {
    const batch = fetch(10, [10]);
    const [message] = batch.messages;
    Object.assign(message ?? {}, {
      headers: {
        text: 'a',
        bytes: Buffer.from([255]),
        null: null,
        twice: [Buffer.from('b'), 'c'],
        last: ['d', null],
      },
    });
    expect(reader.slices(batch)?.[0]?.records[0]?.headers).toEqual({
      text: Buffer.from('a'),
      bytes: Buffer.from([255]),
      null: Buffer.alloc(0),
      twice: Buffer.from('c'),
      last: Buffer.alloc(0),
    });
  });
});
