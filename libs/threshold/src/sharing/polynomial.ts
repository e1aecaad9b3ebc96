/** Shamir sharing with Feldman commitments, and Lagrange interpolation (specification sections 3, 7 and 13). */
import { privateKeyTweakAdd, privateKeyTweakMul } from 'secp256k1/bindings';
import { InvalidInput } from '../errors';
import { addPoints, multiplyBase, multiplyPublic, type Point } from '../group/point';
import { type RandomSource } from '../random';
import { invert, mod, randomScalarBytes, scalarToBytes } from '../group/scalar';

/** Coefficients a_0 .. a_{t-1}, 32 bytes big-endian each, secret; evaluation is native and constant time. */
export type Polynomial = readonly Buffer[];

/** Feldman commitments A_k = a_k * G. */
export type Commitments = readonly Point[];

/** A polynomial with `threshold` uniform non-zero coefficients, so of degree threshold - 1. */
export function randomPolynomial(threshold: number, random: RandomSource): Polynomial {
  return Array.from({ length: threshold }, () => randomScalarBytes(random));
}

/**
 * f(x), 32 bytes big-endian, secret.
 *
 * @param x a party index, at least 1
 */
export function evaluate(polynomial: Polynomial, x: number): Buffer {
  const factor = scalarToBytes(BigInt(x));
  const [highest, ...lower] = [...polynomial].reverse();
  if (!highest) throw new InvalidInput('a polynomial has coefficients');
  const value = Buffer.from(highest);
  for (const coefficient of lower) {
    privateKeyTweakMul(value, factor);
    privateKeyTweakAdd(value, coefficient);
  }
  return value;
}

/** A_k = a_k * G for each coefficient. */
export function commit(polynomial: Polynomial): Commitments {
  return polynomial.map((coefficient) => multiplyBase(coefficient));
}

/** f(x) * G from the commitments, by Horner, in variable time; `undefined` for the identity. */
export function evaluateCommitments(commitments: Commitments, x: number): Point | undefined {
  const factor = BigInt(x);
  let value: Point | undefined;
  for (const commitment of [...commitments].reverse()) {
    value = value ? addPoints(multiplyPublic(value, factor), commitment) : commitment;
  }
  return value;
}

/** Whether share * G equals the commitments at x. Bytes that are no canonical scalar match nothing. */
export function shareMatches(share: Uint8Array, commitments: Commitments, x: number): boolean {
  const expected = evaluateCommitments(commitments, x);
  if (!expected) return share.every((byte) => byte === 0);
  try {
    return multiplyBase(share).equals(expected);
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}

/**
 * Coefficient of party i in the interpolation over the indices, evaluated at x (0 is the secret).
 *
 * @throws InvalidInput unless the indices are distinct and contain i
 */
export function lagrangeCoefficient(indices: readonly number[], i: number, x = 0): bigint {
  if (!indices.includes(i) || new Set(indices).size !== indices.length) {
    throw new InvalidInput('indices must be distinct and contain the party');
  }
  let numerator = 1n;
  let denominator = 1n;
  for (const j of indices) {
    if (j === i) continue;
    numerator = mod(numerator * BigInt(x - j));
    denominator = mod(denominator * BigInt(i - j));
  }
  return mod(numerator * invert(denominator));
}

/** Interpolates points in the exponent and evaluates at x; `undefined` for the identity. Public values only. */
export function interpolatePoints(points: ReadonlyMap<number, Point>, x: number): Point | undefined {
  const indices = [...points.keys()];
  const terms = [...points].flatMap(([i, point]) => {
    const coefficient = lagrangeCoefficient(indices, i, x);
    return coefficient === 0n ? [] : [multiplyPublic(point, coefficient)];
  });
  return addPoints(...terms);
}
