import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { ed25519Group } from '../group/ed25519-group';
import { secp256k1Group } from '../group/secp256k1-group';
import { seededRandom } from '../testing/seeded-random';
import { dealFeldman, verifyFeldmanShare } from './feldman';
import { type Commitments } from './polynomial';
import { combineScalar } from './shamir';

const ONE = Buffer.from('01'.padStart(64, '0'), 'hex');

describe.each([secp256k1Group, ed25519Group])('Feldman verifiable sharing, $name', (group) => {
  const policy = { threshold: 3, indices: [1, 2, 7, 65534] };
  const random = seededRandom(`feldman/${group.name}`);
  const secret = group.randomScalar(random);
  const { commitments, shares } = dealFeldman(group, secret, policy, random);
  const shareOf = (index: number) => shares.get(index) ?? Buffer.alloc(0);
  const [a0, a1, a2] = commitments;
  if (!a1 || !a2) throw new RangeError('three commitments');

  test('every share verifies, for any t and indices, and the verified ones give the secret', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.string(), (threshold, seed) => {
        const source = seededRandom(seed);
        const x = group.randomScalar(source);
        const dealing = dealFeldman(group, x, { threshold, indices: [1, 3, 4, 9, 20, 300] }, source);
        for (const [index, share] of dealing.shares) {
          expect(verifyFeldmanShare(group, threshold, dealing.commitments, index, share)).toBe(true);
        }
        expect(dealing.commitments).toHaveLength(threshold);
        expect(dealing.commitments[0]).toEqual(group.multiplyBase(x));
        expect(combineScalar(group, threshold, dealing.shares)).toEqual(x);
      }),
      { numRuns: 15 },
    );
  });

  test('a changed share, or that of another party, is refused', () => {
    const verify = (share: Uint8Array, index = 7) => verifyFeldmanShare(group, 3, commitments, index, share);
    expect(verify(shareOf(7))).toBe(true);
    for (const bad of [
      group.addScalars(shareOf(7), ONE),
      shareOf(2),
      Buffer.alloc(32),
      Buffer.alloc(32, 0xff),
      shareOf(7).subarray(1),
      Buffer.alloc(0),
    ]) {
      expect(verify(bad)).toBe(false);
    }
    expect(verify(shareOf(7), 2)).toBe(false);
    expect(verify(secret, 0)).toBe(false);
    for (const index of [-7, 7.5, NaN, Infinity, 65535]) expect(verify(shareOf(7), index)).toBe(false);
  });

  test.each<[string, Commitments]>([
    ['exchanged', [a0, a2, a1]],
    ['one of another dealing', [a0, a1, group.multiplyBase(ONE)]],
    ['negated', [group.negatePoint(a0), group.negatePoint(a1), group.negatePoint(a2)]],
    ['too few', [a0, a1]],
    ['too many', [a0, a1, a2, a2]],
  ])('commitments %s are refused', (_, changed) => {
    expect(verifyFeldmanShare(group, 3, changed, 7, shareOf(7))).toBe(false);
  });

  test('a dealer of a higher degree is refused by the number of commitments, not by its shares', () => {
    const higher = dealFeldman(group, secret, { ...policy, threshold: 4 }, random);
    const share = higher.shares.get(2) ?? Buffer.alloc(0);
    expect(verifyFeldmanShare(group, 4, higher.commitments, 2, share)).toBe(true);
    expect(verifyFeldmanShare(group, 3, higher.commitments, 2, share)).toBe(false);
  });

  test('secrets and policies out of range are refused', () => {
    expect(() => dealFeldman(group, Buffer.alloc(32), policy, random)).toThrow(InvalidInput);
    expect(() => dealFeldman(group, ONE, { threshold: 5, indices: [1, 2] }, random)).toThrow(InvalidInput);
  });
});
