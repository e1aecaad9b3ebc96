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
  const headers = {
    ce_id: text('i'),
    ce_type: text('ty'),
    ce_source: text('s'),
    ce_time: text('t'),
    jws: text('j'),
  };

  it('is the length and the bytes of each header and of the value', () => {
    expect(hex(eventLeaf({ headers: { ...headers, other: text('x') }, value: text('{}') }))).toBe(
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
    expect(hex(eventLeaf({ headers: {}, value: null }))).toBe('00000000'.repeat(6));
  });

  it('is read back as far as it holds bytes', () => {
    const leaf = eventLeaf({ headers, value: text('{}') });
    const read = parseEventLeaf(leaf);
    expect(Buffer.from(read?.value ?? []).toString()).toBe('{}');
    for (const [name, bytes] of Object.entries(headers))
      expect(hex(read?.headers[name] ?? bytes.subarray(1))).toBe(hex(bytes));
    expect(parseEventLeaf(eventLeaf({ headers, value: Buffer.alloc(MAX_ENTRY_BYTES) }))).toBeUndefined();
    expect(parseEventLeaf(gapLeaf)).toBeUndefined();
    expect(parseEventLeaf(leaf.slice(1))).toBeUndefined();
  });

  it('holds the digest of a value that does not fit, and of headers only when they alone do not', () => {
    const value = Buffer.alloc(MAX_ENTRY_BYTES - 24, 1);
    expect(eventLeaf({ headers: {}, value })).toHaveLength(MAX_ENTRY_BYTES);
    const longer = Buffer.alloc(MAX_ENTRY_BYTES - 23, 1);
    expect(hex(eventLeaf({ headers: {}, value: longer }))).toBe('00000000'.repeat(5) + digest(longer));
    const jws = Buffer.alloc(MAX_ENTRY_BYTES, 2);
    const long = eventLeaf({ headers: { jws }, value: text('v') });
    expect(hex(long)).toBe('00000000'.repeat(4) + digest(jws) + digest(text('v')));
    const huge = Buffer.alloc(1_000_000, 3);
    const most = { ce_id: huge, ce_type: huge, ce_source: huge, ce_time: huge, jws: huge };
    expect(eventLeaf({ headers: most, value: huge }).length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  });
});
