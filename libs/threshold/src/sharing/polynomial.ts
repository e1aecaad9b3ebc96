/** Shamir sharing with Feldman commitments, and Lagrange interpolation (specification sections 3, 7 and 13). */
import { InvalidInput } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { type RandomSource } from '../random';
import { invert, mod, scalarToBytes } from '../group/scalar';

/** Coefficients a_0 .. a_{t-1}, 32 bytes big-endian each, secret. */
export type Polynomial = readonly [constant: Buffer, ...higher: Buffer[]];

/** Feldman commitments A_k = a_k * G. */
export type Commitments = readonly [constant: Point, ...higher: Point[]];

/**
 * A polynomial with `threshold` coefficients, so of degree threshold - 1. They are uniform and not zero.
 *
 * @param constant a_0, where it is given: 32 bytes in [1, order), which the polynomial then owns
 */
export function randomPolynomial(
  group: Group,
  threshold: number,
  random: RandomSource,
  constant = group.randomScalar(random),
): Polynomial {
  return [constant, ...Array.from({ length: threshold - 1 }, () => group.randomScalar(random))];
}

/**
 * f(x), 32 bytes big-endian, secret; constant time.
 *
 * @param x a party index, at least 1
 */
export function evaluate(group: Group, polynomial: Polynomial, x: number): Buffer {
  const factor = scalarToBytes(BigInt(x));
  const descending = [...polynomial].reverse();
  let value: Buffer = Buffer.from(descending.shift() ?? polynomial[0]);
  for (const coefficient of descending) {
    const product = group.multiplyScalars(value, factor);
    value.fill(0);
    value = group.addScalars(product, coefficient);
    product.fill(0);
  }
  return value;
}

/** A_k = a_k * G for each coefficient. */
export function commit(group: Group, [constant, ...higher]: Polynomial): Commitments {
  return [group.multiplyBase(constant), ...higher.map((coefficient) => group.multiplyBase(coefficient))];
}

/** f(x) * G from the commitments, by Horner, in variable time; `undefined` for the identity. */
export function evaluateCommitments(group: Group, commitments: Commitments, x: number): Point | undefined {
  const factor = BigInt(x);
  let value: Point | undefined;
  for (const commitment of [...commitments].reverse()) {
    value = value ? group.addPoints(group.multiplyPublic(value, factor), commitment) : commitment;
  }
  return value;
}

/** Whether share * G equals the commitments at x. Bytes that are no canonical scalar match nothing. */
export function shareMatches(group: Group, share: Uint8Array, commitments: Commitments, x: number): boolean {
  const expected = evaluateCommitments(group, commitments, x);
  if (!expected) return share.every((byte) => byte === 0);
  return group.isNonZeroScalar(share) && group.multiplyBase(share).equals(expected);
}

/**
 * Coefficient of party i in the interpolation over the indices, evaluated at x (0 is the secret).
 *
 * @throws InvalidInput unless the indices are distinct and contain i
 */
export function lagrangeCoefficient(
  { order }: Pick<Group, 'order'>,
  indices: readonly number[],
  i: number,
  x = 0,
): bigint {
  if (!indices.includes(i) || new Set(indices).size !== indices.length) {
    throw new InvalidInput('indices must be distinct and contain the party');
  }
  let numerator = 1n;
  let denominator = 1n;
  for (const j of indices) {
    if (j === i) continue;
    numerator = mod(numerator * BigInt(x - j), order);
    denominator = mod(denominator * BigInt(i - j), order);
  }
  return mod(numerator * invert(denominator, order), order);
}

/** Interpolates points in the exponent and evaluates at x; `undefined` for the identity. Public values only. */
export function interpolatePoints(
  group: Group,
  points: ReadonlyMap<number, Point>,
  x: number,
): Point | undefined {
  const indices = [...points.keys()];
  const terms = [...points].flatMap(([i, point]) => {
    const coefficient = lagrangeCoefficient(group, indices, i, x);
    return coefficient === 0n ? [] : [group.multiplyPublic(point, coefficient)];
  });
  return group.addPoints(...terms);
}
