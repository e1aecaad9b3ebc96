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
        expect(unpackRecords(packRecords(records))).toEqual(records.map(inBytes));
      }),
    );
  });

  test('that were changed or cut are refused, with no large allocation and no other error', () => {
    const packed = packRecords([{ topic: 't', key: 'k', value: Buffer.from('v'), headers: { a: 'b' } }]);
    for (let length = 0; length < packed.length; length += 1) {
      expect(() => unpackRecords(packed.subarray(0, length))).toThrow(Fatal);
    }
    expect(() => unpackRecords(Buffer.concat([packed, Buffer.of(0)]))).toThrow(Fatal);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        try {
          unpackRecords(Buffer.concat([Buffer.of(1), junk]));
        } catch (error) {
          expect(error).toBeInstanceOf(Fatal);
        }
      }),
    );
  });
});
