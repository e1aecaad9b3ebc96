/**
 * A prover in BigInt and @noble/curves that proves whatever it is told to, for the tests of soundness: with vectors that
 * are no bits, with a polynomial commitment that is off, with a transcript of the test's choice. Tests only.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Point } from '../../group/point';
import { type RandomSource } from '../../random';
import { type RangeProof, type Round } from '../encoding';
import { type Generators } from '../generators';
import { type Transcript } from '../transcript';
import {
  delta,
  innerProduct,
  multiExponentiation,
  type NoblePoint,
  publicVectors,
  scalarOf,
  toNoble,
} from './reference-verifier';

const { Fn } = secp256k1.Point;
const pointOf = (point: NoblePoint) => Buffer.from(point.toBytes(true)) as Point;
const bytesOf = (x: bigint) => Buffer.from(Fn.toBytes(x));
const map2 = <T>(a: readonly bigint[], b: readonly T[], f: (x: bigint, y: T, i: number) => bigint) =>
  a.flatMap((x, i) => b.slice(i, i + 1).map((y) => f(x, y, i)));

export interface Claim {
  readonly bits: number;
  readonly generators: Generators;
  /** Any scalars: an honest prover takes the bits of the values, and each less 1. */
  readonly aL: readonly bigint[];
  readonly aR: readonly bigint[];
  readonly blindings: readonly bigint[];
  /** Added to the t_1 that T_1 commits to. */
  readonly t1Error?: bigint;
  /** Added to mu and taken from tau_x. */
  readonly muError?: bigint;
}

/**
 * @param transcript in the state after the statement
 * @returns the proof, and what sum_j z^(1+j) v_j must be for equation (72) to hold, divided by z^2: v_1 for one value
 */
export function proveAnything(
  transcript: Transcript,
  claim: Claim,
  random: RandomSource,
): { readonly proof: RangeProof; readonly value: bigint } {
  const { bits, aL, aR, blindings, t1Error = 0n, muError = 0n } = claim;
  const { valueBase, blindingBase, innerProductBase, ...vectors } = claim.generators;
  const draw = () => Fn.create(scalarOf(random(32)));
  const [G, H] = [toNoble(valueBase), toNoble(blindingBase)];
  let [g, h] = [vectors.g.map(toNoble), vectors.h.map(toNoble)];

  const [alpha, rho, tau1, tau2] = [draw(), draw(), draw(), draw()];
  const [sL, sR] = [aL.map(draw), aR.map(draw)];
  const A = pointOf(multiExponentiation([H, ...g, ...h], [alpha, ...aL, ...aR]));
  const S = pointOf(multiExponentiation([H, ...g, ...h], [rho, ...sL, ...sR]));
  transcript.absorb(A, S);
  const [y, z] = [transcript.challenge(), transcript.challenge()];

  const { yPowers, weights } = publicVectors({ y, z }, bits, blindings.length);
  const l0 = aL.map((ai) => Fn.sub(ai, z));
  const scaled = map2(yPowers, aR, (power, ai) => Fn.mul(power, Fn.add(ai, z)));
  const r0 = map2(scaled, weights, (c, weight) => Fn.add(c, weight));
  const r1 = map2(yPowers, sR, (power, s) => Fn.mul(power, s));
  const t1 = innerProduct(l0, r1) + innerProduct(sL, r0) + t1Error;
  const t2 = innerProduct(sL, r1);
  const T1 = pointOf(multiExponentiation([G, H], [t1, tau1]));
  const T2 = pointOf(multiExponentiation([G, H], [t2, tau2]));
  transcript.absorb(T1, T2);
  const x = transcript.challenge();

  let a = map2(l0, sL, (c0, c1) => Fn.create(c0 + c1 * x));
  let b = map2(r0, r1, (c0, c1) => Fn.create(c0 + c1 * x));
  const tHat = innerProduct(a, b);
  const tauX = blindings.reduce(
    (sum, gamma, j) => Fn.add(sum, Fn.mul(Fn.pow(z, BigInt(2 + j)), gamma)),
    Fn.create(tau1 * x + tau2 * x * x - muError),
  );
  const mu = Fn.create(alpha + rho * x + muError);
  transcript.absorb(bytesOf(tauX), bytesOf(mu), bytesOf(tHat));
  const value = Fn.div(
    Fn.create(tHat - delta({ y, z }, bits, blindings.length) - t1 * x - t2 * x * x),
    Fn.mul(z, z),
  );

  const u = toNoble(innerProductBase).multiplyUnsafe(transcript.challenge());
  h = h.map((point, i) => point.multiplyUnsafe(Fn.inv(Fn.pow(y, BigInt(i)))));
  const rounds: Round[] = [];
  while (a.length > 1) {
    const half = a.length / 2;
    const cut = <T>(vector: readonly T[]) => [vector.slice(0, half), vector.slice(half)] as const;
    const [[aLo, aHi], [bLo, bHi], [gLo, gHi], [hLo, hHi]] = [cut(a), cut(b), cut(g), cut(h)];
    const L = multiExponentiation([...gHi, ...hLo, u], [...aLo, ...bHi, innerProduct(aLo, bHi)]);
    const R = multiExponentiation([...gLo, ...hHi, u], [...aHi, ...bLo, innerProduct(aHi, bLo)]);
    rounds.push({ L: pointOf(L), R: pointOf(R) });
    transcript.absorb(pointOf(L), pointOf(R));
    const challenge = transcript.challenge();
    const inverse = Fn.inv(challenge);
    const fold = (lo: readonly NoblePoint[], cLo: bigint, hi: readonly NoblePoint[], cHi: bigint) =>
      lo.map((point, i) => multiExponentiation([point, ...hi.slice(i, i + 1)], [cLo, cHi]));
    [g, h] = [fold(gLo, inverse, gHi, challenge), fold(hLo, challenge, hHi, inverse)];
    a = map2(aLo, aHi, (lo, hi) => Fn.create(lo * challenge + hi * inverse));
    b = map2(bLo, bHi, (lo, hi) => Fn.create(lo * inverse + hi * challenge));
  }
  const [lastA = 0n] = a;
  const [lastB = 0n] = b;
  return { proof: { A, S, T1, T2, tauX, mu, tHat, rounds, a: lastA, b: lastB }, value };
}
