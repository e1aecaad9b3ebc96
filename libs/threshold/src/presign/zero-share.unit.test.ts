import fc from 'fast-check';
import { mod, scalarFromBytes } from '../group/scalar';
import { zeroSeed, zeroShare } from './zero-share';

const committee = fc.uniqueArray(fc.integer({ min: 1, max: 65534 }), { minLength: 2, maxLength: 16 });
const [psid, h1] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const seedOf = (i: number, j: number) =>
  zeroSeed(
    Buffer.alloc(32),
    { index: i, contribution: Buffer.from([i >> 8, i & 255]) },
    { index: j, contribution: Buffer.from([j >> 8, j & 255]) },
  );
const shareOf = (i: number, members: readonly number[], digest = h1) =>
  scalarFromBytes(
    zeroShare(
      new Map(members.filter((j) => j !== i).map((j) => [j, seedOf(i, j)])),
      i,
      members,
      psid,
      digest,
    ),
  );

describe('zero shares (7)', () => {
  test('both members of a pair have the same seed', () => {
    expect(seedOf(3, 8)).toEqual(seedOf(8, 3));
  });

  test('sum to zero over the committee', () => {
    fc.assert(
      fc.property(committee, (members) => {
        expect(mod(members.reduce((sum, i) => sum + shareOf(i, members), 0n))).toBe(0n);
      }),
    );
  });

  test('do not sum to zero when one party has another transcript', () => {
    expect(mod(shareOf(1, [1, 2, 3]) + shareOf(2, [1, 2, 3]) + shareOf(3, [1, 2, 3], psid))).not.toBe(0n);
  });

  test('a missing seed is an error, not a zero', () => {
    expect(() => zeroShare(new Map(), 1, [1, 2], psid, h1)).toThrow(RangeError);
  });
});
