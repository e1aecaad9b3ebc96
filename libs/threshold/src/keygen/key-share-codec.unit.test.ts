import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { type SchnorrKeyShare, wipeKeyShare } from './key-share';
import {
  decodeKeyShare,
  decodePendingKeyShare,
  decodePendingSchnorrKeyShare,
  decodeSchnorrKeyShare,
  encodeKeyShare,
  encodePendingKeyShare,
} from './key-share-codec';
import { generateKey, generateSchnorrKey } from '../testing/ceremony-network';
import { reshare } from '../testing/reshare-network';

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

describe.each([3, 4] as const)('stored key shares of suite %i', (suite) => {
  const key = generateSchnorrKey(2, 3, suite);
  const next = reshare(key, { dealers: [1, 2], threshold: 3, receivers: [2, 4, 5] });
  const shares = [key.get(2), next.get(2)].filter(
    (one): one is SchnorrKeyShare => one !== undefined && !('pairs' in one),
  );

  test('decode to what was encoded, in the first epoch and in later ones', () => {
    expect(shares.map(({ epoch }) => epoch)).toEqual([0, 1]);
    for (const one of shares) {
      expect(decodeSchnorrKeyShare(encodeKeyShare(one))).toEqual(one);
      const waiting = decodePendingSchnorrKeyShare(encodePendingKeyShare(one));
      expect({ ...waiting, certificate: one.certificate }).toEqual(one);
    }
  });

  test('are no shares of ECDSA, nor the reverse', () => {
    for (const one of shares) {
      expect(() => decodeKeyShare(encodeKeyShare(one))).toThrow(InvalidInput);
      expect(() => decodePendingKeyShare(encodePendingKeyShare(one))).toThrow(InvalidInput);
    }
    expect(() => decodeSchnorrKeyShare(encoded)).toThrow(InvalidInput);
    expect(() => decodePendingSchnorrKeyShare(encodePendingKeyShare(pending))).toThrow(InvalidInput);
  });

  test('a share with the certificate of another epoch is refused', () => {
    const [first, second] = shares;
    if (!first || !second) throw new Error('two epochs');
    const mixed = { ...first, certificate: second.certificate };
    expect(() => decodeSchnorrKeyShare(encodeKeyShare(mixed))).toThrow(InvalidInput);
  });

  test('any changed byte is invalid input, or still a share of the key', () => {
    const [, second] = shares;
    if (!second) throw new Error('a reshared share');
    const bytes = encodeKeyShare(second);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed.readUInt8(at) ^ mask;
        try {
          const { share: secret, publicKey } = decodeSchnorrKeyShare(changed);
          expect([secret, publicKey]).toEqual([second.share, second.publicKey]);
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('wiping zeroes the share', () => {
    for (const one of shares) {
      const copy = decodeSchnorrKeyShare(encodeKeyShare(one));
      wipeKeyShare(copy);
      expect(copy.share.every((byte) => byte === 0)).toBe(true);
    }
  });
});
