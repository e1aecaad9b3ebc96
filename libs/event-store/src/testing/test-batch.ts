import { type Batch, type LogRecord } from '@quorate/messaging';

/** Records of the topic `in` with these values, at consecutive offsets. */
export function testBatch(first: bigint, values: string[], over: Partial<Batch> = {}): Batch {
  const partition = over.partition ?? 0;
  const records = values.map((value, index): LogRecord => ({
    topic: 'in',
    partition,
    offset: first + BigInt(index),
    key: null,
    value: Buffer.from(value),
    headers: {},
    timestamp: 0,
  }));
  const nextOffset = first + BigInt(values.length);
  return {
    topic: 'in',
    partition,
    firstOffset: first,
    records,
    nextOffset,
    highWatermark: nextOffset,
    ...over,
  };
}

/** Offsets whose records do not concern the consumer. */
export function emptyBatch(firstOffset: bigint, nextOffset: bigint, partition = 0): Batch {
  return testBatch(firstOffset, [], { partition, nextOffset });
}
