import { multiplyBase, type Point } from '../group/point';
import { Q, scalarToBytes } from '../group/scalar';
import { encodeRangeProof, parseRangeProof, type RangeProof, rangeProofBytes } from './encoding';

const point = (k: number): Point => multiplyBase(BigInt(k));
const proof: RangeProof = {
  A: point(1),
  S: point(2),
  T1: point(3),
  T2: point(4),
  tauX: 5n,
  mu: Q - 1n,
  tHat: 0n,
  rounds: [6, 8, 10].map((k) => ({ L: point(k), R: point(k + 1) })),
  a: 12n,
  b: 13n,
};
const encoded = encodeRangeProof(proof);
const SCALARS = [132, 164, 196, 426, 458];
const POINTS = [0, 33, 66, 99, 228, 261, 294, 327, 360, 393];

describe('the encoding of a range proof', () => {
  test('is the documented sequence of fields', () => {
    const points = [1, 2, 3, 4].map(point);
    const scalars = [5n, Q - 1n, 0n].map((scalar) => scalarToBytes(scalar));
    const rounds = [6, 7, 8, 9, 10, 11].map(point);
    const last = [12n, 13n].map((scalar) => scalarToBytes(scalar));
    expect(encoded).toEqual(Buffer.concat([...points, ...scalars, ...rounds, ...last]));
    expect(encoded).toHaveLength(292 + 66 * 3);
  });

  test('parses to what was encoded, for either split of the bits over values', () => {
    expect(parseRangeProof(encoded, 8, 1)).toEqual(proof);
    expect(parseRangeProof(encoded, 4, 2)).toEqual(proof);
  });

  test('has one length for every size', () => {
    for (const [bits, count] of [
      [16, 1],
      [8, 2],
      [64, 16],
    ] as const) {
      expect(parseRangeProof(encoded, bits, count)).toBeUndefined();
    }
    expect([rangeProofBytes(8, 1), rangeProofBytes(64, 1), rangeProofBytes(64, 16)]).toEqual([490, 688, 952]);
    expect(parseRangeProof(encoded.subarray(1), 8, 1)).toBeUndefined();
    expect(parseRangeProof(Buffer.concat([encoded, encoded.subarray(0, 1)]), 8, 1)).toBeUndefined();
  });

  test.each(SCALARS)('has one encoding of the scalar at %d', (offset) => {
    const withScalar = (value: bigint) => {
      const bytes = Buffer.from(encoded);
      bytes.write(value.toString(16).padStart(64, '0'), offset, 'hex');
      return parseRangeProof(bytes, 8, 1);
    };
    expect(withScalar(Q - 1n)).toBeDefined();
    expect(withScalar(0n)).toBeDefined();
    for (const value of [Q, Q + 12n, 2n ** 256n - 1n]) expect(withScalar(value)).toBeUndefined();
  });

  test.each(POINTS)('has one encoding of the point at %d, and none of the identity', (offset) => {
    const withPoint = (...bytes: number[]) => {
      const changed = Buffer.from(encoded);
      changed.set(bytes, offset);
      return parseRangeProof(changed, 8, 1);
    };
    expect(withPoint(2)).toBeDefined();
    expect(withPoint(3)).toBeDefined();
    for (const prefix of [0, 1, 4, 5, 6, 7]) expect(withPoint(prefix)).toBeUndefined();
    expect(withPoint(...Buffer.alloc(33))).toBeUndefined();
    expect(withPoint(2, ...Buffer.alloc(32, 0xff))).toBeUndefined();
    expect(withPoint(2, ...Buffer.alloc(31), 5)).toBeUndefined(); // no point has x = 5
  });
});
