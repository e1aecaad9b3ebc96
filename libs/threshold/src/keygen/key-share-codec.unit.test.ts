import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { wipeKeyShare } from './key-share';
import {
  decodeKeyShare,
  decodePendingKeyShare,
  encodeKeyShare,
  encodePendingKeyShare,
} from './key-share-codec';
import { generateKey } from '../testing/ceremony-network';

const share = generateKey(2, 2).get(2);
if (!share) throw new Error('a share');
const { certificate, ...pending } = share;
const encoded = encodeKeyShare(share);

describe('stored key shares', () => {
  test('decode to what was encoded', () => {
    expect(decodeKeyShare(encoded)).toEqual({ ...pending, certificate });
    expect(decodePendingKeyShare(encodePendingKeyShare(pending))).toEqual(pending);
  });

  test('wiping the encoding leaves the decoded share intact', () => {
    const bytes = Buffer.from(encoded);
    const decoded = decodeKeyShare(bytes);
    bytes.fill(0);
    expect(decoded.share).toEqual(share.share);
    expect(decoded.publicKey).toEqual(share.publicKey);
  });

  test('a pending share is no key share, and the reverse', () => {
    expect(() => decodeKeyShare(encodePendingKeyShare(pending))).toThrow(InvalidInput);
    expect(() => decodePendingKeyShare(encoded)).toThrow(InvalidInput);
  });

  test('a share that is not its public share is refused', () => {
    const changed = Buffer.from(encoded);
    changed[42] = changed.readUInt8(42) ^ 1;
    expect(() => decodeKeyShare(changed)).toThrow(InvalidInput);
  });

  test('any other bytes are invalid input', () => {
    const cut = fc.nat(encoded.length - 1).map((length) => encoded.subarray(0, length));
    const longer = fc
      .uint8Array({ minLength: 1, maxLength: 9 })
      .map((tail) => Buffer.concat([encoded, tail]));
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(cut, longer, noise), (bytes) => {
        expect(() => decodeKeyShare(bytes)).toThrow(InvalidInput);
      }),
    );
  });

  test('wiping a share zeroes every secret', () => {
    const copy = decodeKeyShare(encoded);
    wipeKeyShare(copy);
    const secrets = [...copy.pairs.values()].flatMap(({ asSender, asReceiver, zeroSeed }) => [
      asSender.nabla,
      asSender.seeds,
      asReceiver.seeds0,
      asReceiver.seeds1,
      zeroSeed,
    ]);
    for (const secret of [copy.share, ...secrets]) expect(secret.every((byte) => byte === 0)).toBe(true);
  });
});
