import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { isNonceConsumed, wipeNonce } from './nonce';
import { decodeNonceBatch, encodeNonceBatch } from './nonce-batch';
import { prepareNonces, the } from './testing/frost-harness';

describe.each([3, 4] as const)('a batch of nonces between threads, suite %i', (suite) => {
  const { shares } = dealSchnorrKey(suite, 2, 3, seededRandom(`key/${suite}`));
  const batch = the(prepareNonces(shares, [1, 3], 2, 'batch').get(1));
  const encoded = encodeNonceBatch(batch);

  it('decodes to what was encoded, in an ArrayBuffer of its own; frozen', () => {
    expect(decodeNonceBatch(encoded)).toEqual(batch);
    expect(encoded.buffer.byteLength).toBe(encoded.length);
    expect([encoded.length, createHash('sha256').update(encoded).digest('hex')]).toMatchSnapshot();
  });

  it('wiping a nonce wipes the bytes it was decoded from', () => {
    const bytes = Buffer.from(encoded);
    const [first, second] = decodeNonceBatch(bytes).nonces;
    wipeNonce(the(first));
    expect([the(first), the(second)].map(isNonceConsumed)).toEqual([true, false]);
    expect(bytes.includes(the(batch.nonces[0]).hiding)).toBe(false);
    expect(bytes.includes(the(batch.nonces[0]).binding)).toBe(false);
    expect(() => decodeNonceBatch(bytes)).toThrow(InvalidInput);
  });

  it('truncated, extended or altered bytes give InvalidInput or a batch of the same form, nothing else', () => {
    const isHandled = (bytes: Buffer) => {
      try {
        const { committee, nonces } = decodeNonceBatch(bytes);
        return nonces.every(({ commitments }) => commitments.size === committee.length);
      } catch (error) {
        return error instanceof InvalidInput;
      }
    };
    for (let length = 0; length < encoded.length; length += 5) {
      expect(() => decodeNonceBatch(encoded.subarray(0, length))).toThrow(InvalidInput);
    }
    expect(() => decodeNonceBatch(Buffer.concat([encoded, Buffer.of(0)]))).toThrow(InvalidInput);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = Buffer.from(encoded);
        bytes[at] = bytes.readUInt8(at) ^ mask;
        return isHandled(bytes);
      }),
      { numRuns: 200, seed: 1 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => isHandled(Buffer.from(bytes))),
      {
        seed: 2,
      },
    );
  });

  it.each([
    ['an unknown suite', 0, 1],
    ['no members', 101, 0],
    ['17 members', 101, 17],
    ['no nonces', 102, 0],
    ['65 nonces', 102, 65],
    ['members that do not ascend', 104, 4],
  ])('%s is refused', (_what, at, value) => {
    const bytes = Buffer.from(encoded);
    bytes[at] = value;
    expect(() => decodeNonceBatch(bytes)).toThrow(InvalidInput);
  });
});
