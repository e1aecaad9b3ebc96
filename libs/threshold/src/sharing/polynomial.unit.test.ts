import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { ed25519Group } from '../group/ed25519-group';
import { secp256k1Group } from '../group/secp256k1-group';
import {
  commit,
  evaluate,
  evaluateCommitments,
  interpolatePoints,
  lagrangeCoefficient,
  randomPolynomial,
  shareMatches,
} from './polynomial';
import { mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';

const sharing = fc
  .record({ n: fc.integer({ min: 2, max: 16 }), t: fc.integer({ min: 2, max: 16 }), seed: fc.string() })
  .filter(({ n, t }) => t <= n);
const indicesTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1);

describe.each([secp256k1Group, ed25519Group])('Shamir and Feldman (3) in $name', (group) => {
  const { order } = group;

  test('evaluation agrees with BigInt, and with the commitments', () => {
    fc.assert(
      fc.property(sharing, fc.integer({ min: 1, max: 65534 }), ({ t, seed }, x) => {
        const polynomial = randomPolynomial(group, t, seededRandom(seed));
        const expected = polynomial.reduce(
          (sum, a, k) => sum + scalarFromBytes(a) * BigInt(x) ** BigInt(k),
          0n,
        );
        const share = evaluate(group, polynomial, x);
        expect(scalarFromBytes(share)).toBe(mod(expected, order));
        expect(evaluateCommitments(group, commit(group, polynomial), x)).toEqual(group.multiplyBase(share));
        expect(shareMatches(group, share, commit(group, polynomial), x)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('any t shares give the secret, t - 1 do not', () => {
    fc.assert(
      fc.property(sharing, ({ n, t, seed }) => {
        const polynomial = randomPolynomial(group, t, seededRandom(seed));
        const shares = new Map(indicesTo(n).map((i) => [i, scalarFromBytes(evaluate(group, polynomial, i))]));
        const secretOf = (indices: number[]) =>
          mod(
            indices.reduce(
              (sum, i) => sum + lagrangeCoefficient(group, indices, i) * (shares.get(i) ?? 0n),
              0n,
            ),
            order,
          );
        const secret = scalarFromBytes(polynomial[0]);
        expect(secretOf(indicesTo(n).slice(-t))).toBe(secret);
        expect(secretOf(indicesTo(n))).toBe(secret);
        expect(secretOf(indicesTo(t - 1))).not.toBe(secret);
      }),
      { numRuns: 30 },
    );
  });

  test('a share off the polynomial, of another index or not canonical does not match', () => {
    const polynomial = randomPolynomial(group, 3, seededRandom('match'));
    const commitments = commit(group, polynomial);
    const share = evaluate(group, polynomial, 4);
    expect(shareMatches(group, scalarToBytes(mod(scalarFromBytes(share) + 1n, order)), commitments, 4)).toBe(
      false,
    );
    expect(shareMatches(group, share, commitments, 5)).toBe(false);
    expect(shareMatches(group, share, [commitments[0]], 4)).toBe(false);
    for (const bad of [
      Buffer.alloc(32),
      Buffer.alloc(32, 0xff),
      Buffer.from(order.toString(16).padStart(64, '0'), 'hex'),
    ]) {
      expect(shareMatches(group, bad, commitments, 4)).toBe(false);
    }
  });

  test('a polynomial with a zero at the index has the share zero', () => {
    const a1 = group.multiplyBase(scalarToBytes(9n));
    const a0 = group.negatePoint(group.multiplyPublic(a1, 4n)); // f(4) = 0
    expect(evaluateCommitments(group, [a0, a1], 4)).toBeUndefined();
    expect(shareMatches(group, Buffer.alloc(32), [a0, a1], 4)).toBe(true);
    expect(shareMatches(group, scalarToBytes(1n), [a0, a1], 4)).toBe(false);
    expect(evaluateCommitments(group, [a0, a1, a1], 4)).toEqual(
      group.addPoints(group.multiplyPublic(a1, 16n)),
    );
  });

  test('points interpolate as scalars do', () => {
    const commitments = commit(group, randomPolynomial(group, 3, seededRandom('points')));
    const points = new Map(
      [2, 5, 9].flatMap((x) => {
        const point = evaluateCommitments(group, commitments, x);
        return point ? [[x, point] as const] : [];
      }),
    );
    expect(interpolatePoints(group, points, 0)).toEqual(commitments[0]);
    expect(interpolatePoints(group, points, 5)).toEqual(points.get(5));
    expect(interpolatePoints(group, points, 7)).toEqual(evaluateCommitments(group, commitments, 7));
  });

  test('Lagrange coefficients need distinct indices that contain the party', () => {
    expect(() => lagrangeCoefficient(group, [1, 2], 3)).toThrow(InvalidInput);
    expect(() => lagrangeCoefficient(group, [1, 1, 2], 2)).toThrow(InvalidInput);
  });
});
