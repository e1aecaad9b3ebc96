import { CLIENT_TOPIC_RECORD_LIMIT, DEAD_LETTER_RECORD_LIMIT } from '../limits';
import { type RawRecord } from './record-types';
import { type DeadLetterRecord, deadLetterRecord } from './dead-letter';

const raw: RawRecord = {
  topic: 'mpc.requests',
  partition: 2,
  offset: 41n,
  key: Buffer.from('order-1042'),
  value: Buffer.from('hello'),
  headers: { jws: Buffer.from('a..b'), ce_id: Buffer.from([0xff]) },
};

function dead(changes: Partial<RawRecord> = {}, reason = 'the value is not JSON'): DeadLetterRecord {
  const record = { ...raw, ...changes };
  return deadLetterRecord(record, record, 'not-json', reason, 'dead-letters');
}

function size({ key, value, headers }: DeadLetterRecord): number {
  const ofHeaders = Object.entries(headers).reduce(
    (sum, [name, content]) => sum + name.length + content.length,
    0,
  );
  return (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders;
}

test('keeps key, value and headers, and says where it was and why', () => {
  const { topic, key, value, headers } = dead();
  expect({ topic, key, value }).toEqual({ topic: 'dead-letters', key: raw.key, value: raw.value });
  expect(headers).toEqual({
    ...raw.headers,
    dl_topic: Buffer.from('mpc.requests'),
    dl_partition: Buffer.from('2'),
    dl_offset: Buffer.from('41'),
    dl_code: Buffer.from('not-json'),
    dl_reason: Buffer.from('the value is not JSON'),
  });
});

test('a writer cannot forge the origin', () => {
  const { headers } = dead({
    headers: { dl_topic: Buffer.from('mpc.finals'), dl_truncated: Buffer.from('x') },
  });
  expect(headers.dl_topic?.toString()).toBe('mpc.requests');
  expect(headers).not.toHaveProperty('dl_truncated');
});

test('the largest record that a topic takes stays whole', () => {
  const value = Buffer.alloc(CLIENT_TOPIC_RECORD_LIMIT);
  const record = dead({ value });
  expect(record.value).toHaveLength(value.length);
  expect(record.headers).not.toHaveProperty('dl_truncated');
});

test.each<[string, Partial<RawRecord>]>([
  ['value', { value: Buffer.alloc(20 << 20) }],
  ['header', { headers: { big: Buffer.alloc(20 << 20), small: Buffer.from('x') } }],
  ['key', { key: Buffer.alloc(20 << 20) }],
])('a %s that does not fit is cut', (_, changes) => {
  const record = dead(changes, 'r'.repeat(100_000));
  expect(size(record)).toBeLessThan(DEAD_LETTER_RECORD_LIMIT);
  expect(record.headers.dl_truncated?.toString()).toMatch(/^key \d+, value \d+, headers \d+ bytes$/);
  expect(record.headers.dl_code?.toString()).toBe('not-json');
});

test('nothing stays nothing', () => {
  expect(dead({ key: null, value: null, headers: {} })).toMatchObject({ key: null, value: null });
});
