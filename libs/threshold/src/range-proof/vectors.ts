/** Vectors of public scalars that the range proof's prover and verifier share. */
import { InvalidInput } from '../errors';
import { mod } from '../group/scalar';

/** (1, x, x^2, .., x^(length - 1)) modulo q: the paper's x^n. */
export function powers(x: bigint, length: number): bigint[] {
  const vector: bigint[] = [];
  for (let [i, power] = [0, 1n]; i < length; i++, power = mod(power * x)) vector.push(power);
  return vector;
}

/**
 * sum over j of z^(1+j) * (0^((j-1)n) || 2^n || 0^((m-j)n)), the last term of equation (71): the weight of every bit.
 *
 * @returns n * m scalars
 */
export function bitWeights(z: bigint, bits: number, count: number): bigint[] {
  return powers(z, count).flatMap((zj) => powers(2n, bits).map((power) => mod(z * z * zj * power)));
}

/**
 * The entries of two vectors side by side.
 *
 * @throws InvalidInput for vectors of different lengths
 */
export function zip<A, B>(left: readonly A[], right: readonly B[]): [A, B][] {
  return left.map((entry, i) => {
    const other = right[i];
    if (other === undefined || left.length !== right.length) {
      throw new InvalidInput('vectors of different lengths');
    }
    return [entry, other];
  });
}

/** v[:n/2] and v[n/2:]. */
export function halves<T>(vector: readonly T[]): [T[], T[]] {
  const half = vector.length / 2;
  return [vector.slice(0, half), vector.slice(half)];
}
