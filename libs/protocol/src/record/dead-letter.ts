import { DEAD_LETTER_RECORD_LIMIT, KIB } from '../limits';
import { type RawRecord } from './record-types';

export interface DeadLetterRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer>;
}

/** Where a record was read. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

const REASON_LIMIT = 2 * KIB;
/** Left free for what Kafka adds around a record. */
const FRAMING_RESERVE = 8 * KIB;
const HEADER_RESERVE = 16;

/**
 * The record for the topic dead-letters: original key, value and headers, and `dl_topic`, `dl_partition`, `dl_offset`,
 * `dl_code`, `dl_reason`. What does not fit is cut, headers first that are largest, then the value, then the key;
 * `dl_truncated` then names the original sizes.
 * @param topic the dead-letters topic with its prefix
 */
export function deadLetterRecord(
  raw: RawRecord,
  origin: RecordOrigin,
  code: string,
  reason: string,
  topic: string,
): DeadLetterRecord {
  const labels = {
    dl_topic: Buffer.from(origin.topic),
    dl_partition: Buffer.from(String(origin.partition)),
    dl_offset: Buffer.from(String(origin.offset)),
    dl_code: Buffer.from(code),
    dl_reason: Buffer.from(reason).subarray(0, REASON_LIMIT),
  };
  const original = Object.entries(raw.headers).filter(
    ([name]) => name !== 'dl_truncated' && !Object.hasOwn(labels, name),
  );
  let left = DEAD_LETTER_RECORD_LIMIT - FRAMING_RESERVE - sizeOfHeaders(Object.entries(labels));
  const key = raw.key === null ? null : raw.key.subarray(0, 64 * KIB);
  left -= key?.length ?? 0;
  const kept: [string, Buffer][] = [];
  for (const [name, content] of original.sort(([, a], [, b]) => a.length - b.length)) {
    const size = sizeOfHeaders([[name, content]]);
    if (size > left) continue;
    kept.push([name, content]);
    left -= size;
  }
  const value = raw.value === null ? null : raw.value.subarray(0, Math.max(0, left));
  const isWhole =
    kept.length === original.length && value?.length === raw.value?.length && key?.length === raw.key?.length;
  const sizes = `key ${raw.key?.length ?? 0}, value ${raw.value?.length ?? 0}, headers ${sizeOfHeaders(original)} bytes`;
  return {
    topic,
    key,
    value,
    headers: {
      ...Object.fromEntries(kept),
      ...labels,
      ...(isWhole ? {} : { dl_truncated: Buffer.from(sizes) }),
    },
  };
}

function sizeOfHeaders(headers: readonly (readonly [string, Buffer])[]): number {
  return headers.reduce(
    (sum, [name, content]) => sum + Buffer.byteLength(name) + content.length + HEADER_RESERVE,
    0,
  );
}
