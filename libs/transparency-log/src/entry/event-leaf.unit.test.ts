import { createHash } from 'node:crypto';

import { MAX_ENTRY_BYTES } from '../tiles/entry-bundle';
import { eventLeaf, gapLeaf, parseEventLeaf } from './event-leaf';

const text = (value: string) => Buffer.from(value);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const digest = (bytes: Uint8Array) => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  return hex(
    Buffer.concat([Buffer.from('ffffffff', 'hex'), length, createHash('sha256').update(bytes).digest()]),
  );
};

describe('the leaf of a record', () => {
  it('is the length and the bytes of each header and of the value', () => {
    const record = {
      ceId: text('i'),
      ceType: text('ty'),
      ceSource: text('s'),
      ceTime: text('t'),
      jws: text('j'),
      value: text('{}'),
    };
    expect(hex(eventLeaf(record))).toBe(
      '00000001' +
        '69' +
        '00000002' +
        '7479' +
        '00000001' +
        '73' +
        '00000001' +
        '74' +
        '00000001' +
        '6a' +
        '00000002' +
        '7b7d',
    );
    expect(hex(eventLeaf({}))).toBe('00000000'.repeat(6));
  });

  it('is read back as far as it holds bytes', () => {
    const record = {
      ceId: text('i'),
      ceType: text(''),
      ceSource: text('s'),
      ceTime: text('t'),
      jws: text('j'),
    };
    const read = parseEventLeaf(eventLeaf({ ...record, value: text('{}') }));
    expect(Object.values(read ?? {}).map((bytes) => Buffer.from(bytes ?? []).toString())).toEqual([
      ...['i', '', 's', 't', 'j', '{}'],
    ]);
    expect(parseEventLeaf(eventLeaf({ value: Buffer.alloc(MAX_ENTRY_BYTES) }))).toBeUndefined();
    expect(parseEventLeaf(gapLeaf)).toBeUndefined();
    expect(parseEventLeaf(eventLeaf(record).slice(1))).toBeUndefined();
  });

  it('holds the digest of a value that does not fit, and of headers only when they alone do not', () => {
    const value = Buffer.alloc(MAX_ENTRY_BYTES - 24, 1);
    expect(eventLeaf({ value })).toHaveLength(MAX_ENTRY_BYTES);
    const longer = Buffer.alloc(MAX_ENTRY_BYTES - 23, 1);
    expect(hex(eventLeaf({ value: longer }))).toBe('00000000'.repeat(5) + digest(longer));
    const jws = Buffer.alloc(MAX_ENTRY_BYTES, 2);
    expect(hex(eventLeaf({ jws, value: text('v') }))).toBe(
      '00000000'.repeat(4) + digest(jws) + digest(text('v')),
    );
    const headers = Buffer.alloc(1_000_000, 3);
    const most = {
      ceId: headers,
      ceType: headers,
      ceSource: headers,
      ceTime: headers,
      jws: headers,
      value: headers,
    };
    expect(eventLeaf(most).length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  });
});
