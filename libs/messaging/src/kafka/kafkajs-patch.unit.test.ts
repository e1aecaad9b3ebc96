import RequestQueue from 'kafkajs/src/network/requestQueue';
import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2';
import Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C';
import encodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0';
import decodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0/decoder';
import produceRequest from 'kafkajs/src/protocol/requests/produce/v3/request';
import { assertKafkajsPatched } from './kafkajs-patch';

describe('assertKafkajsPatched', () => {
  it('finds the installed kafkajs patched', () => {
    expect(() => assertKafkajsPatched()).not.toThrow();
  });

  it('refuses a kafkajs that arms its timer while nothing is pending', () => {
    class Unpatched extends RequestQueue {
      override scheduleCheckPendingRequests(): void {
        this.throttleCheckTimeoutId = setTimeout(() => undefined, 0);
      }
    }
    expect(() => assertKafkajsPatched(Unpatched)).toThrow('not patched');
  });

  it('refuses a kafkajs that takes its checksums byte by byte', () => {
    expect(() => assertKafkajsPatched(RequestQueue, bitwise)).toThrow('not patched');
  });

  it('refuses a kafkajs that makes an encoder of each header', () => {
    const unpatched = ({ headers = {} }: Parameters<typeof encodeRecord>[0]) =>
      Object.entries(headers).map(([name]) => name);
    expect(() => assertKafkajsPatched(RequestQueue, crc32C, unpatched)).toThrow('not patched');
  });

  it('refuses a kafkajs that copies what is long', () => {
    expect(() => assertKafkajsPatched(RequestQueue, crc32C, encodeRecord, {})).toThrow('not patched');
  });

  it('refuses a kafkajs that keeps to itself why a group has no coordinator', () => {
    class Unpatched {}
    const parts = [RequestQueue, crc32C, encodeRecord, Encoder.prototype] as const;
    expect(() => assertKafkajsPatched(...parts, Unpatched)).toThrow('not patched');
  });
});

describe('the patched record encoder', () => {
  /** What kafkajs's own decoder makes of a record; its length stands before it. */
  const read = (bytes: Buffer) => {
    const content = new Decoder(bytes).readVarIntBytes();
    return decodeRecord(new Decoder(content), { firstOffset: '7', firstTimestamp: '1700000000000' });
  };
  const record = { offsetDelta: 0, timestampDelta: 0, key: null, value: null };

  it('writes the bytes of the format (KIP-98)', () => {
    const bytes = encodeRecord({
      ...{ offsetDelta: 1, timestampDelta: 70, key: 'k', value: Buffer.from('vv') },
      headers: { h: 'x' },
    }).buffer;
    // Length 14, attributes, zigzag of 70 (two bytes), of 1, then key, value and one header, each with its length.
    expect(bytes.toString('hex')).toBe('1c00' + '8c01' + '02' + '026b' + '047676' + '02' + '0268' + '0278');
  });

  it.each([0, 63, 64, 127, 8191, 8192, 2 ** 20, 2 ** 30 - 1, 2 ** 30, 3_000_000_000])(
    'is read back with a timestamp %d ms after the first',
    (timestampDelta) => {
      const { buffer } = encodeRecord({ ...record, timestampDelta });
      const { timestamp } = read(buffer);
      expect(timestamp).toBe(String(1_700_000_000_000 + timestampDelta));
    },
  );

  it('is read back whatever its sizes', () => {
    for (const size of [0, 1, 54, 55, 63, 64, 127, 128, 500, 511, 512, 8191, 8192]) {
      const headers = { none: '', größe: 'x'.repeat(size), bytes: Buffer.alloc(size, 1), two: ['a', 'b'] };
      const given = { ...record, offsetDelta: size, key: 'ü'.repeat(size), value: Buffer.alloc(size, 2) };
      const found = read(encodeRecord({ ...given, headers }).buffer);
      expect(found).toMatchObject({ offset: String(7 + size), value: given.value });
      expect(found.key?.toString()).toBe(given.key);
      expect(found.headers).toEqual({
        ...{ none: Buffer.alloc(0), größe: Buffer.from(headers['größe']), bytes: headers.bytes },
        two: [Buffer.from('a'), Buffer.from('b')],
      });
    }
  });

  it('keeps what is null', () => {
    expect(read(encodeRecord(record).buffer)).toMatchObject({
      key: null,
      value: null,
    });
  });
});

describe('the patched produce request', () => {
  const request = (values: readonly Buffer[]) =>
    produceRequest({
      ...{ acks: -1, timeout: 30_000 },
      topicData: [
        { topic: 't', partitions: [{ partition: 3, firstSequence: 0, messages: values.map(message) }] },
      ],
    }).encode();
  const message = (value: Buffer) => ({ key: Buffer.from('k'), value, headers: { h: Buffer.from('x') } });

  /** The record batch of the request: KIP-98; what stands before it is of the protocol's version 3. */
  const batchOf = (bytes: Buffer) => {
    const decoder = new Decoder(bytes);
    const lead = [decoder.readInt16(), decoder.readInt16(), decoder.readInt32(), decoder.readInt32()];
    expect([...lead, decoder.readString()]).toEqual([-1, -1, 30_000, 1, 't']);
    expect([decoder.readInt32(), decoder.readInt32()]).toEqual([1, 3]);
    return decoder.readBytes(decoder.readInt32());
  };
  const [LENGTH_AT, CRC_AT, BODY_AT, COUNT_AT, RECORDS_AT] = [8, 17, 21, 57, 61];

  it.each([
    ['short values', [0, 100, 4095]],
    ['values from which on nothing is copied', [4096, 4097]],
    ['many short ones, which are long together', Array.from({ length: 40 }, (_, n) => 150 * n)],
    ['a long one between short ones', [1, 300_000, 1]],
    ['long ones, one after the other', [5000, 70_000, 9000]],
  ])('holds %s', async (_, sizes) => {
    const values = sizes.map((size, n) => Buffer.alloc(size, n + 1));
    const encoded = await request(values);
    expect(encoded.size()).toBe(encoded.buffer.length);
    expect(Buffer.concat(encoded.chunks)).toEqual(encoded.buffer);

    const batch = batchOf(encoded.buffer);
    expect(batch.readInt32BE(LENGTH_AT)).toBe(batch.length - LENGTH_AT - 4);
    expect(batch.readUInt32BE(CRC_AT)).toBe(bitwise(batch.subarray(BODY_AT)));
    expect(batch.readInt32BE(COUNT_AT)).toBe(values.length);
    const records = new Decoder(batch.subarray(RECORDS_AT));
    for (const value of values) {
      const record = new Decoder(records.readVarIntBytes());
      const read = decodeRecord(record, { firstOffset: '0', firstTimestamp: '0' });
      expect(read.value?.equals(value)).toBe(true);
      expect(read.headers).toEqual({ h: Buffer.from('x') });
    }
  });

  it('sends a long value as it was given, and copies it nowhere', async () => {
    const value = Buffer.alloc(1_000_000, 7);
    const { chunks } = await request([value]);
    expect(chunks.find((chunk) => chunk.length === value.length)).toBe(value);
    const copied = chunks.filter((chunk) => chunk !== value);
    expect(Math.max(...copied.map((chunk) => chunk.buffer.byteLength))).toBeLessThanOrEqual(65_536);
  });
});

describe('the patched murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('is that of the Java client for %s (UtilsTest.testMurmur2)', (key, hash) => {
    expect(murmur2(key)).toBe(hash);
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });
});

describe('the patched CRC-32C', () => {
  it.each([
    ['zeros', Buffer.alloc(32), 0x8a9136aa],
    ['ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['incrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['decrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)), 0x113fdb5c],
    [
      'an iSCSI read command',
      Buffer.from(
        '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
        'hex',
      ),
      0xd9963a56,
    ],
  ])('is that of RFC 3720 B.4 for %s', (_, bytes, sum) => {
    expect(crc32C(bytes)).toBe(sum);
  });

  it('is right whatever is left after the last eight bytes', () => {
    for (let length = 0; length <= 40; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * 167 + length) & 0xff));
      expect(crc32C(bytes)).toBe(bitwise(bytes));
    }
  });

  it('goes on where it was left', () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, n) => (n * 101) & 0xff));
    for (const at of [0, 1, 8, 50, 99, 100]) {
      expect(crc32C(bytes.subarray(at), crc32C(bytes.subarray(0, at)))).toBe(bitwise(bytes));
    }
  });
});

/** The definition: polynomial 0x1EDC6F41, reflected. */
function bitwise(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return ~sum >>> 0;
}
