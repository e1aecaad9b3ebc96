import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { schnorr } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { type SchnorrSuiteId } from '../suite';
import { generateSchnorrKey } from '../testing/ceremony-network';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { verifySchnorrSignature } from './signature-check';
import {
  combined,
  copyNonces,
  frostShares,
  type KeyShares,
  prepareNonces,
  requestFor,
  signWith,
} from './testing/frost-harness';

/** Every subset of 1..n with at least t members, ascending. */
function committees(t: number, n: number): number[][] {
  const subsets = Array.from({ length: 2 ** n }, (_, mask) =>
    Array.from({ length: n }, (_member, k) => k + 1).filter((j) => mask & (1 << (j - 1))),
  );
  return subsets.filter((members) => members.length >= t);
}

function verifiesElsewhere(suite: SchnorrSuiteId, signature: Buffer, message: Buffer, key: Buffer): boolean {
  if (suite === 4) return schnorr.verify(signature, message, key.subarray(1));
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, message, publicKey, signature) && ed25519.verify(signature, message, key);
}

function firstRequestOf(shares: KeyShares, committee: number[], message: Buffer) {
  const signers = copyNonces(prepareNonces(shares, committee, 1, 'one'), 0);
  return { signers, request: requestFor(shares, committee, message) };
}

describe.each([3, 4] as const)('FROST (RFC 9591), suite %i', (suite) => {
  const { shares } = dealSchnorrKey(suite, 2, 3, seededRandom(`key/${suite}`));

  it.each([
    [2, 3],
    [3, 5],
  ])('every committee of a %i-of-%i key signs, with the whole batch, for every verifier', (t, n) => {
    const key = dealSchnorrKey(suite, t, n, seededRandom(`${suite}/${t}/${n}`));
    for (const committee of committees(t, n)) {
      const batch = (committee.length % 3) + 1;
      const batches = prepareNonces(key.shares, committee, batch, `batch/${committee.join()}`);
      for (let p = 0; p < batch; p++) {
        const message = Buffer.from(`message ${p} of ${committee.join()}`);
        const { signature, publicKey } = signWith(
          key.shares,
          copyNonces(batches, p),
          requestFor(key.shares, committee, message),
        );
        expect(signature).toHaveLength(64);
        expect(verifiesElsewhere(suite, signature, message, publicKey)).toBe(true);
      }
    }
  });

  it('a key of the distributed key generation signs', () => {
    const dealt = generateSchnorrKey(2, 3, suite);
    const message = Buffer.from('dealt by this library');
    const { signers, request } = firstRequestOf(dealt, [1, 3], message);
    const { signature, publicKey } = signWith(dealt, signers, request);
    expect(verifiesElsewhere(suite, signature, message, publicKey)).toBe(true);
  });

  it('messages of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const message = Buffer.from(bytes);
        const { signers, request } = firstRequestOf(shares, [1, 2], message);
        const { signature, publicKey } = signWith(shares, signers, request);
        return verifiesElsewhere(suite, signature, message, publicKey);
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  it('t - 1 shares do not sign, whatever committee they claim', () => {
    const { signers, request } = firstRequestOf(shares, [1, 2], Buffer.from('m'));
    const nonce = signers.get(1);
    if (!nonce) throw new RangeError('party 1 signs');
    const answers = frostShares(shares, signers, request);
    answers.delete(2);
    expect(() => combined(shares, nonce, request, answers)).toThrow(InvalidInput);
    expect(() => combined(shares, nonce, { ...request, committee: [1] }, answers)).toThrow(InvalidInput);
    const own = answers.get(1);
    if (!own) throw new RangeError('a share of party 1');
    expect(() => combined(shares, nonce, request, new Map([...answers, [2, own]]))).toThrow('frost.share');
  });

  it('the verifier refuses another message, key, length, and every flipped bit', () => {
    const message = Buffer.from('checked');
    const { signers, request } = firstRequestOf(shares, [2, 3], message);
    const { signature, publicKey } = signWith(shares, signers, request);
    const other = dealSchnorrKey(suite, 2, 2, seededRandom('other')).shares.get(1)?.publicKey ?? publicKey;
    const holds = (bytes: Buffer, text = message, key = publicKey) =>
      verifySchnorrSignature(suite, bytes, text, key);
    expect(holds(signature)).toBe(true);
    expect(holds(signature, Buffer.from('checked!'))).toBe(false);
    expect(holds(signature, message, other)).toBe(false);
    expect(holds(signature.subarray(1))).toBe(false);
    for (let bit = 0; bit < 512; bit += 7) {
      const flipped = Buffer.from(signature);
      flipped[bit >> 3] = flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7));
      expect(holds(flipped)).toBe(false);
    }
  });
});
