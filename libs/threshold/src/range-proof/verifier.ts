/**
 * The verifier of the aggregated range proof: Bulletproofs (ePrint 2017/1066), section 4.3 with the inner-product argument
 * of section 3, both checks in one multi-exponentiation (sections 3.1 and 6.2). Variable time: everything here is public.
 * The products are libsecp256k1's: several times as fast as Pippenger's algorithm in JavaScript at every size allowed.
 */
import { addPoints, multiplyPublic, negatePoint, type Point } from '../group/point';
import { invert, mod, scalarToBytes } from '../group/scalar';
import { type RangeProof } from './encoding';
import { type Statement, statementTranscript, type Transcript } from './transcript';
import { bitWeights, powers, zip } from './vectors';

/** A factor of the multi-exponentiation; any integer. */
type Term = readonly [scalar: bigint, point: Point];

/** Whether the proof convinces of the statement, in 2nm + 2 log2(nm) + m + 6 multiplications. */
export function verifyBits(statement: Statement, proof: RangeProof): boolean {
  return verifyWith(statementTranscript(statement), statement, proof);
}

/**
 * {@link verifyBits} with the transcript in the state after the statement.
 *
 * With U = u^w of Protocol 1 and c a last challenge, which depends on the whole proof, the sum of
 * - what the argument's last round checks: P h^-mu U^t_hat * prod (L_j^(x_j^2) R_j^(x_j^-2)) = g^(a s) h'^(b / s) U^(ab)
 *   with P of (66), and
 * - c times equation (72).
 * A is compared with the sum of everything else: a library that fails to sum cannot make a proof valid.
 */
export function verifyWith(transcript: Transcript, statement: Statement, proof: RangeProof): boolean {
  const { bits, commitments, generators } = statement;
  const { A, S, T1, T2, tauX, mu, tHat, rounds, a, b } = proof;
  transcript.absorb(A, S);
  const [y, z] = [transcript.challenge(), transcript.challenge()];
  transcript.absorb(T1, T2);
  const x = transcript.challenge();
  transcript.absorb(...[tauX, mu, tHat].map((scalar) => scalarToBytes(scalar)));
  const w = transcript.challenge();
  const challenges = rounds.map(({ L, R }) => {
    transcript.absorb(L, R);
    return transcript.challenge();
  });
  transcript.absorb(scalarToBytes(a), scalarToBytes(b));
  const c = transcript.challenge();

  const inverses = challenges.map((xj) => invert(xj));
  const s = foldingFactors(challenges, inverses);
  const sInverse = [...s].reverse();
  const yInverses = powers(invert(y), s.length);
  const weights = zip(bitWeights(z, bits, commitments.length), zip(yInverses, sInverse));

  const terms: Term[] = [
    [x, S],
    ...zip(s, generators.g).map(([si, g]): Term => [-z - a * si, g]),
    ...zip(weights, generators.h).map(([[weight, [yi, si]], h]): Term => [z + yi * mod(weight - b * si), h]),
    [w * mod(tHat - a * b), generators.innerProductBase],
    ...zip(challenges, rounds).map(([xj, { L }]): Term => [xj * xj, L]),
    ...zip(inverses, rounds).map(([xj, { R }]): Term => [xj * xj, R]),
    [c * mod(delta(y, z, bits, commitments.length) - tHat), generators.valueBase],
    [-mu - c * tauX, generators.blindingBase],
    ...zip(powers(z, commitments.length), commitments).map(([zj, V]): Term => [c * mod(z * z * zj), V]),
    [c * x, T1],
    [c * mod(x * x), T2],
  ];
  return multiplyAndSum(terms)?.equals(negatePoint(A)) ?? false;
}

/** s of section 3.1: the product of x_j or x_j^-1 over the rounds, by the half of the vector that the index was in. */
function foldingFactors(challenges: readonly bigint[], inverses: readonly bigint[]): bigint[] {
  return zip(challenges, inverses).reduce(
    (s, [x, xInverse]) => s.flatMap((si) => [mod(si * xInverse), mod(si * x)]),
    [1n],
  );
}

/** delta(y, z) = (z - z^2) <1, y^nm> - sum over j of z^(j+2) <1, 2^n>, of section 4.3. */
function delta(y: bigint, z: bigint, bits: number, count: number): bigint {
  const sum = (vector: readonly bigint[]) => vector.reduce((total, entry) => total + entry);
  return mod((z - z * z) * sum(powers(y, bits * count)) - z * sum(bitWeights(z, bits, count)));
}

function multiplyAndSum(terms: readonly Term[]): Point | undefined {
  const products = terms.flatMap(([scalar, point]) =>
    mod(scalar) === 0n ? [] : [multiplyPublic(point, scalar)],
  );
  return addPoints(...products);
}
