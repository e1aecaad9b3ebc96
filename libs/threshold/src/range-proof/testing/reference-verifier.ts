/**
 * An independent verifier: the equations of Bulletproofs (ePrint 2017/1066) one by one as the paper has them, unfolded,
 * with BigInt and @noble/curves. Tests only.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { H, HS } from '../../hash';
import { type RangeProof } from '../encoding';
import { type Statement } from '../transcript';

const Curve = secp256k1.Point;
const { Fn } = Curve;
export type NoblePoint = InstanceType<typeof Curve>;

export interface Challenges {
  readonly y: bigint;
  readonly z: bigint;
  readonly x: bigint;
  readonly w: bigint;
  readonly rounds: readonly bigint[];
}

type Messages = Pick<RangeProof, 'A' | 'S' | 'T1' | 'T2' | 'tauX' | 'mu' | 'tHat'>;

export const toNoble = (bytes: Uint8Array): NoblePoint => Curve.fromBytes(bytes);
export const scalarOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex');
const entry = <T>(vector: readonly T[], i: number): T => {
  const value = vector[i];
  if (value === undefined) throw new Error(`no entry ${i}`);
  return value;
};
export const innerProduct = (a: readonly bigint[], b: readonly bigint[]) =>
  a.reduce((sum, ai, i) => Fn.add(sum, Fn.mul(ai, entry(b, i))), 0n);
export const multiExponentiation = (points: readonly NoblePoint[], exponents: readonly bigint[]) =>
  points.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(Fn.create(entry(exponents, i)))), Curve.ZERO);

/** The challenges, hashed without the {@link Transcript}. */
export function challengesOf(
  statement: Statement,
  messages: Messages,
  rounds: RangeProof['rounds'],
): Challenges {
  const { context, bits, commitments, generators } = statement;
  const bases = [generators.valueBase, generators.blindingBase, generators.innerProductBase];
  let state = H('rp/statement', context, bits, commitments.length, ...bases, ...commitments);
  const challenge = (...parts: readonly Uint8Array[]) => {
    if (parts.length > 0) state = H('rp/absorb', state, ...parts);
    const value = HS('rp/challenge', state, 0);
    state = H('rp/absorb', state);
    return value;
  };
  const { A, S, T1, T2, tauX, mu, tHat } = messages;
  const [y, z, x] = [challenge(A, S), challenge(), challenge(T1, T2)];
  const w = challenge(bytesOf(tauX), bytesOf(mu), bytesOf(tHat));
  return { y, z, x, w, rounds: rounds.map(({ L, R }) => challenge(L, R)) };
}

/** y^nm and the sum over j of z^(1+j) (0 || 2^n || 0), entry by entry. */
export function publicVectors({ y, z }: Pick<Challenges, 'y' | 'z'>, bits: number, count: number) {
  const indices = Array.from({ length: bits * count }, (_, i) => BigInt(i));
  const n = BigInt(bits);
  const yPowers = indices.map((i) => Fn.pow(y, i));
  const weights = indices.map((i) => Fn.mul(Fn.pow(z, 2n + i / n), Fn.pow(2n, i % n)));
  return { yPowers, weights };
}

/** delta(y, z) of section 4.3. */
export function delta({ y, z }: Pick<Challenges, 'y' | 'z'>, bits: number, count: number): bigint {
  const { yPowers, weights } = publicVectors({ y, z }, bits, count);
  const ones = yPowers.map(() => 1n);
  return Fn.create((z - z * z) * innerProduct(ones, yPowers) - z * innerProduct(ones, weights));
}

/** Equation (72): t_hat is t_0 + t_1 x + t_2 x^2. */
export function polynomialHolds(statement: Statement, messages: Messages, challenges: Challenges): boolean {
  const { bits, commitments, generators } = statement;
  const { z, x } = challenges;
  const bases = [generators.valueBase, generators.blindingBase].map(toNoble);
  const left = multiExponentiation(bases, [messages.tHat, messages.tauX]);
  const right = multiExponentiation(
    [generators.valueBase, ...commitments, messages.T1, messages.T2].map(toNoble),
    [
      delta(challenges, bits, commitments.length),
      ...commitments.map((_, j) => Fn.pow(z, BigInt(2 + j))),
      x,
      Fn.mul(x, x),
    ],
  );
  return left.equals(right);
}

/** P of (66) for m values, and h' of (64). */
function relation({ bits, commitments, generators }: Statement, { A, S }: Messages, challenges: Challenges) {
  const { y, z, x } = challenges;
  const { yPowers, weights } = publicVectors({ y, z }, bits, commitments.length);
  const g = generators.g.map(toNoble);
  const h = generators.h.map((point, i) => toNoble(point).multiplyUnsafe(Fn.inv(entry(yPowers, i))));
  const P = toNoble(A)
    .add(toNoble(S).multiplyUnsafe(x))
    .add(
      multiExponentiation(
        g,
        g.map(() => Fn.neg(z)),
      ),
    )
    .add(
      multiExponentiation(
        h,
        yPowers.map((power, i) => z * power + entry(weights, i)),
      ),
    );
  return { g, h, P, blinding: toNoble(generators.blindingBase) };
}

/** Equations (64) to (68), with (72) for (65): the protocol that sends l and r in the clear. */
export function verifyUnfolded(
  statement: Statement,
  messages: Messages,
  { l, r }: { readonly l: readonly bigint[]; readonly r: readonly bigint[] },
): boolean {
  const challenges = challengesOf(statement, messages, []);
  const { g, h, P, blinding } = relation(statement, messages, challenges);
  const opened = multiExponentiation([blinding, ...g, ...h], [messages.mu, ...l, ...r]); // (67)
  const isInnerProduct = messages.tHat === innerProduct(l, r); // (68)
  return polynomialHolds(statement, messages, challenges) && P.equals(opened) && isInnerProduct;
}

/** Equation (72), then Protocols 1 and 2 with both vectors of generators folded in every round. */
export function verifyFolded(statement: Statement, proof: RangeProof): boolean {
  const challenges = challengesOf(statement, proof, proof.rounds);
  const start = relation(statement, proof, challenges);
  let { g, h } = start;
  const u = toNoble(statement.generators.innerProductBase).multiplyUnsafe(challenges.w);
  let P = start.P.subtract(start.blinding.multiplyUnsafe(proof.mu)).add(u.multiplyUnsafe(proof.tHat));
  for (const [j, x] of challenges.rounds.entries()) {
    const [half, inverse] = [g.length / 2, Fn.inv(x)];
    const fold = (points: readonly NoblePoint[], low: bigint, high: bigint) =>
      points
        .slice(0, half)
        .map((point, i) => point.multiplyUnsafe(low).add(entry(points, half + i).multiplyUnsafe(high)));
    [g, h] = [fold(g, inverse, x), fold(h, x, inverse)]; // (29), (30)
    const { L, R } = entry(proof.rounds, j);
    P = P.add(multiExponentiation([L, R].map(toNoble), [x * x, inverse * inverse])); // (31)
  }
  const { a, b } = proof;
  const last = multiExponentiation([entry(g, 0), entry(h, 0), u], [a, b, a * b]);
  return polynomialHolds(statement, proof, challenges) && P.equals(last);
}
