import fc from 'fast-check';
import { presign } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey } from '../testing/trusted-dealer';
import { InvalidInput } from '../errors';
import {
  decodePresignatureBatch,
  encodePresignatureBatch,
  isConsumed,
  type PresignatureBatch,
  wipePresignature,
} from './presignature';

const { shares } = dealKey(2, 2, seededRandom('key'));
const batch = presign(shares, [1, 2], 2, 'batch').get(1);
if (!batch) throw new RangeError('an honest run has a result');
const encoded = encodePresignatureBatch(batch);

describe('a presignature batch between threads', () => {
  it('decodes to what was encoded, at most 1 KB for each presignature, in an ArrayBuffer of its own', () => {
    expect(decodePresignatureBatch(encoded)).toEqual(batch);
    expect(encoded.length).toBeLessThan(2 * 1024);
    expect(encoded.buffer.byteLength).toBe(encoded.length);
  });

  it('wiping a presignature wipes the bytes it was decoded from', () => {
    const bytes = Buffer.from(encoded);
    const [first, second] = decodePresignatureBatch(bytes).presignatures;
    if (!first || !second) throw new RangeError('two presignatures');
    wipePresignature(first);
    expect([first, second].map(isConsumed)).toEqual([true, false]);
    expect(() => decodePresignatureBatch(bytes)).toThrow(InvalidInput);
  });

  it('truncated, extended or altered bytes give InvalidInput or a well-formed batch, nothing else', () => {
    const parse = (bytes: Buffer): PresignatureBatch | undefined => {
      try {
        return decodePresignatureBatch(bytes);
      } catch (error) {
        if (error instanceof InvalidInput) return undefined;
        throw error;
      }
    };
    expect(parse(encoded.subarray(1))).toBeUndefined();
    expect(parse(Buffer.concat([encoded, Buffer.alloc(1)]))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (junk) => {
        expect(parse(Buffer.from(junk))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const altered = Buffer.from(encoded);
        altered[position] = (altered[position] ?? 0) ^ change;
        expect(parse(altered)?.presignatures.length ?? 2).toBe(2);
      }),
    );
  });
});
