/**
 * A group of prime order, as the dealing of keys, the proofs and FROST need it (specification sections 1, 3 and 13).
 *
 * Scalars are 32 bytes big-endian in both groups, points are in the form of the group's own standard. Secret scalars are
 * in [1, order). The identity has no encoding: where a sum may be the identity the result is `undefined`.
 */
import { type HashInput, hashToInteger, type Label } from '../hash';
import { type RandomSource } from '../random';
import { type Point } from './point';

export interface Group {
  readonly name: 'secp256k1' | 'ed25519';
  /** Prime. */
  readonly order: bigint;
  /** Length of an encoded point in bytes. */
  readonly pointBytes: number;

  /** A copy of the bytes as a point; `undefined` unless they are the one encoding of a point of the group. */
  parsePoint(bytes: Uint8Array): Point | undefined;
  /**
   * secret * generator, constant time.
   *
   * @throws InvalidInput for a secret outside [1, order)
   */
  multiplyBase(secret: Uint8Array): Point;
  /**
   * secret * point, constant time.
   *
   * @throws InvalidInput for a secret outside [1, order)
   */
  multiplySecret(point: Point, secret: Uint8Array): Point;
  /**
   * scalar * point, in variable time: public scalars only.
   *
   * @throws InvalidInput for a multiple of the order
   */
  multiplyPublic(point: Point, scalar: bigint): Point;
  /** The sum; `undefined` for the identity and for an empty list. */
  addPoints(...points: readonly Point[]): Point | undefined;
  negatePoint(point: Point): Point;
  /**
   * A point whose discrete logarithm nobody knows, in variable time.
   *
   * @param digest 32 bytes
   */
  hashToPoint(digest: Uint8Array): Point;

  /** Uniform in [1, order), by rejection; the caller wipes it. */
  randomScalar(random: RandomSource): Buffer;
  /** Whether the bytes encode a scalar in [1, order). Constant time. */
  isNonZeroScalar(bytes: Uint8Array): boolean;
  /**
   * a + b in a new buffer, constant time; `a` in [1, order), `b` in [0, order).
   *
   * @throws Error for a sum of zero, which happens with probability 2^-252 where this is used: fatal
   */
  addScalars(a: Uint8Array, b: Uint8Array): Buffer;
  /** a * b in a new buffer, constant time, for a and b in [1, order). */
  multiplyScalars(a: Uint8Array, b: Uint8Array): Buffer;
}

/** Scalar hash: 512 bits derived from H(label, ..), reduced modulo the order; bias below 2^-250. */
export function hashToScalar(group: Group, label: Label, ...parts: readonly HashInput[]): bigint {
  return hashToInteger(label, ...parts) % group.order;
}
