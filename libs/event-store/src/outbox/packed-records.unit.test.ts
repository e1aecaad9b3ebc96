import { Fatal } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';
import fc from 'fast-check';
import { packRecords, unpackRecords } from './packed-records';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<OutgoingRecord> = fc
  .record({
    topic: fc.string({ minLength: 1 }),
    key: fc.option(fc.oneof(fc.string(), bytes)),
    value: fc.option(bytes),
    headers: fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
      fc.oneof(fc.string(), bytes),
    ),
    partition: fc.option(fc.nat(), { nil: undefined }),
  })
  .map(({ partition, ...rest }) => ({ ...rest, ...(partition === undefined ? {} : { partition }) }));

const inBytes = ({ key, headers, ...rest }: OutgoingRecord): OutgoingRecord => ({
  ...rest,
  key: key === null ? null : Buffer.from(key),
  headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, Buffer.from(content)])),
});

describe('records in a column', () => {
  test('come back as they were, in order', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        expect(unpackRecords(packRecords(records.map((one) => ({ record: one }))))).toEqual(
          records.map((one) => ({ record: inBytes(one) })),
        );
      }),
    );
  });

  test('that are events come back without what the event table holds', () => {
    const headers = { a: 'x', jws: 'j', b: 'x' };
    const event = { streamId: 'lane:1', streamPosition: 3 };
    const packed = packRecords([
      { record: { topic: 't', key: 'lane:1', value: Buffer.from('v'), headers }, event },
      { record: { topic: 't', key: 'lane:1', value: Buffer.from('v'), headers } },
    ]);
    const contents = { topic: 't', key: Buffer.from('lane:1') };
    const [a, b, jws] = [Buffer.from('x'), Buffer.from('x'), Buffer.from('j')];
    expect(unpackRecords(packed)).toEqual([
      { record: { ...contents, value: null, headers: { a, b } }, event },
      { record: { ...contents, value: Buffer.from('v'), headers: { a, jws, b } } },
    ]);
  });

  test('take little room for what they repeat', () => {
    const record = (n: number) => ({
      record: {
        topic: 'mpc.events',
        key: 'k'.repeat(50),
        value: Buffer.of(n),
        headers: { type: 'y'.repeat(50) },
      },
    });
    const sizes = [1, 2].map(
      (count) => packRecords(Array.from({ length: count }, (_, n) => record(n))).length,
    );
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) + 40);
  });

  test('of version 1 are read, too', () => {
    const hex =
      '01' +
      '00000001' +
      '0000000174' +
      'ffffffff' +
      '000000016b' +
      '0000000176' +
      '00000001' +
      '0000000161' +
      '0000000162';
    expect(unpackRecords(Buffer.from(hex, 'hex'))).toEqual([
      {
        record: {
          topic: 't',
          key: Buffer.from('k'),
          value: Buffer.from('v'),
          headers: { a: Buffer.from('b') },
        },
      },
    ]);
  });

  test('that were changed or cut are refused, with no large allocation and no other error', () => {
    const packed = packRecords([
      { record: { topic: 't', key: 'k', value: Buffer.from('v'), headers: { a: 'b', c: 'b' } } },
      {
        record: { topic: 't', key: 's', value: null, headers: {} },
        event: { streamId: 's', streamPosition: 1 },
      },
    ]);
    for (let length = 0; length < packed.length; length += 1) {
      expect(() => unpackRecords(packed.subarray(0, length))).toThrow(Fatal);
    }
    expect(() => unpackRecords(Buffer.concat([packed, Buffer.of(0)]))).toThrow(Fatal);
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 200 }), (version, junk) => {
        try {
          unpackRecords(Buffer.concat([Buffer.of(version), junk]));
        } catch (error) {
          expect(error).toBeInstanceOf(Fatal);
        }
      }),
    );
  });
});
