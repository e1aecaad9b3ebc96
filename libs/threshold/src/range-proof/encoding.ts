/**
 * Encoding of a range proof over n * m = 2^k bits, without lengths or tags: both sides know n and m.
 *
 * | offset          | field                  | bytes  |
 * |-----------------|------------------------|--------|
 * | 0               | A, S                   | 2 * 33 |
 * | 66              | T_1, T_2               | 2 * 33 |
 * | 132             | tau_x, mu, t_hat       | 3 * 32 |
 * | 228 + 66(j - 1) | L_j, R_j for j = 1..k  | k * 66 |
 * | 228 + 66k       | a, b                   | 2 * 32 |
 *
 * Points are compressed, scalars big-endian and below q: 292 + 66k bytes, 688 for one value of 64 bits.
 */
import { ByteReader } from '../byte-reader';
import { parsePoint, POINT_BYTES, type Point } from '../group/point';
import { parseScalar, SCALAR_BYTES, scalarToBytes } from '../group/scalar';

/** One round of the inner-product argument. */
export interface Round {
  readonly L: Point;
  readonly R: Point;
}

/** The messages of the prover, with the paper's symbols. */
export interface RangeProof {
  readonly A: Point;
  readonly S: Point;
  readonly T1: Point;
  readonly T2: Point;
  readonly tauX: bigint;
  readonly mu: bigint;
  readonly tHat: bigint;
  readonly rounds: readonly Round[];
  readonly a: bigint;
  readonly b: bigint;
}

/** Length in bytes of a proof for `count` values of `bits` bits each, both powers of two. */
export function rangeProofBytes(bits: number, count: number): number {
  return (4 + 2 * roundCount(bits, count)) * POINT_BYTES + 5 * SCALAR_BYTES;
}

export function encodeRangeProof(proof: RangeProof): Buffer {
  const { A, S, T1, T2, tauX, mu, tHat, rounds, a, b } = proof;
  const points = rounds.flatMap(({ L, R }) => [L, R]);
  const scalars = [tauX, mu, tHat].map((scalar) => scalarToBytes(scalar));
  return Buffer.concat([A, S, T1, T2, ...scalars, ...points, scalarToBytes(a), scalarToBytes(b)]);
}

/**
 * A proof for `count` values of `bits` bits each; `undefined` for another length, a point that is not the compressed form
 * of a point on the curve, or a scalar that is not below q.
 */
export function parseRangeProof(bytes: Uint8Array, bits: number, count: number): RangeProof | undefined {
  if (bytes.length !== rangeProofBytes(bits, count)) return undefined;
  const reader = new ByteReader(bytes);
  const point = () => parsePoint(reader.take(POINT_BYTES));
  const scalar = () => parseScalar(reader.take(SCALAR_BYTES));

  const [A, S, T1, T2] = [point(), point(), point(), point()];
  const [tauX, mu, tHat] = [scalar(), scalar(), scalar()];
  const rounds: Round[] = [];
  for (let j = 0; j < roundCount(bits, count); j++) {
    const [L, R] = [point(), point()];
    if (!L || !R) return undefined;
    rounds.push({ L, R });
  }
  const [a, b] = [scalar(), scalar()];
  if (!A || !S || !T1 || !T2) return undefined;
  if (tauX === undefined || mu === undefined || tHat === undefined) return undefined;
  if (a === undefined || b === undefined) return undefined;
  return { A, S, T1, T2, tauX, mu, tHat, rounds, a, b };
}

function roundCount(bits: number, count: number): number {
  return Math.log2(bits * count);
}
