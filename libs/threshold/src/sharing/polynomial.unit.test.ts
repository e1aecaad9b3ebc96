import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { addPoints, multiplyBase, multiplyPublic, negatePoint } from '../group/point';
import {
  commit,
  evaluate,
  evaluateCommitments,
  interpolatePoints,
  lagrangeCoefficient,
  randomPolynomial,
  shareMatches,
} from './polynomial';
import { mod, Q, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';

const sharing = fc
  .record({ n: fc.integer({ min: 2, max: 16 }), t: fc.integer({ min: 2, max: 16 }), seed: fc.string() })
  .filter(({ n, t }) => t <= n);
const indicesTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1);

describe('Shamir and Feldman (3)', () => {
  test('evaluation agrees with BigInt, and with the commitments', () => {
    fc.assert(
      fc.property(sharing, fc.integer({ min: 1, max: 65534 }), ({ t, seed }, x) => {
        const polynomial = randomPolynomial(t, seededRandom(seed));
        const expected = polynomial.reduce(
          (sum, a, k) => sum + scalarFromBytes(a) * BigInt(x) ** BigInt(k),
          0n,
        );
        const share = evaluate(polynomial, x);
        expect(scalarFromBytes(share)).toBe(mod(expected));
        expect(evaluateCommitments(commit(polynomial), x)).toEqual(multiplyBase(share));
        expect(shareMatches(share, commit(polynomial), x)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('any t shares give the secret, t - 1 do not', () => {
    fc.assert(
      fc.property(sharing, ({ n, t, seed }) => {
        const polynomial = randomPolynomial(t, seededRandom(seed));
        const shares = new Map(indicesTo(n).map((i) => [i, scalarFromBytes(evaluate(polynomial, i))]));
        const secretOf = (indices: number[]) =>
          mod(indices.reduce((sum, i) => sum + lagrangeCoefficient(indices, i) * (shares.get(i) ?? 0n), 0n));
        const secret = scalarFromBytes(polynomial[0] ?? Buffer.alloc(32));
        expect(secretOf(indicesTo(n).slice(-t))).toBe(secret);
        expect(secretOf(indicesTo(n))).toBe(secret);
        expect(secretOf(indicesTo(t - 1))).not.toBe(secret);
      }),
      { numRuns: 30 },
    );
  });

  test('a share off the polynomial, of another index or not canonical does not match', () => {
    const polynomial = randomPolynomial(3, seededRandom('match'));
    const commitments = commit(polynomial);
    const share = evaluate(polynomial, 4);
    expect(shareMatches(scalarToBytes(mod(scalarFromBytes(share) + 1n)), commitments, 4)).toBe(false);
    expect(shareMatches(share, commitments, 5)).toBe(false);
    expect(shareMatches(share, commitments.slice(0, 2), 4)).toBe(false);
    for (const bad of [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.from(Q.toString(16), 'hex')]) {
      expect(shareMatches(bad, commitments, 4)).toBe(false);
    }
  });

  test('a polynomial with a zero at the index has the share zero', () => {
    const a1 = multiplyBase(9n);
    const a0 = negatePoint(multiplyPublic(a1, 4n)); // f(4) = 0
    expect(evaluateCommitments([a0, a1], 4)).toBeUndefined();
    expect(shareMatches(Buffer.alloc(32), [a0, a1], 4)).toBe(true);
    expect(shareMatches(scalarToBytes(1n), [a0, a1], 4)).toBe(false);
    expect(evaluateCommitments([a0, a1, a1], 4)).toEqual(addPoints(multiplyPublic(a1, 16n)));
  });

  test('points interpolate as scalars do', () => {
    const commitments = commit(randomPolynomial(3, seededRandom('points')));
    const points = new Map(
      [2, 5, 9].flatMap((x) => {
        const point = evaluateCommitments(commitments, x);
        return point ? [[x, point] as const] : [];
      }),
    );
    expect(interpolatePoints(points, 0)).toEqual(commitments[0]);
    expect(interpolatePoints(points, 5)).toEqual(points.get(5));
    expect(interpolatePoints(points, 7)).toEqual(evaluateCommitments(commitments, 7));
  });

  test('Lagrange coefficients need distinct indices that contain the party', () => {
    expect(() => lagrangeCoefficient([1, 2], 3)).toThrow(InvalidInput);
    expect(() => lagrangeCoefficient([1, 1, 2], 2)).toThrow(InvalidInput);
  });
});
