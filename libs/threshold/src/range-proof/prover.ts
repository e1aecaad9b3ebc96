/**
 * The prover of the aggregated range proof: Bulletproofs (ePrint 2017/1066), sections 4.1 to 4.3.
 *
 * Constant time in the values and the blindings: what depends on them is computed by native scalar arithmetic, masked
 * selection and constant-time multiplication, in loops whose lengths are public. BigInt touches only what is public: the
 * challenges and the vectors that both sides compute from them. From l and r on nothing is secret any more: s_L and s_R
 * blind them, and the protocol that sends them in the clear is zero-knowledge (section 4.1; the inner-product argument only
 * shortens it). They are folded in constant time all the same: variable time is the verifier's alone.
 */
import { negatePoint, type Point } from '../group/point';
import { invert, mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { type RandomSource } from '../random';
import { encodeRangeProof } from './encoding';
import { proveInnerProduct } from './inner-product';
import { SecretScalars } from './secret-scalars';
import { secretSum, type Term, uncompressed } from './secret-sum';
import { type Statement, statementTranscript, type Transcript } from './transcript';
import { bitWeights, powers, zip } from './vectors';

/** What opens the commitments V_j = h^gamma_j g^v_j. Secret. */
export interface Witness {
  /** a_L: the bits of v_1, .., v_m, the least significant first: n * m entries, each 0 or 1. */
  readonly aL: Uint8Array;
  /** gamma_1..gamma_m, 32 bytes big-endian in [1, q). */
  readonly blindings: readonly Uint8Array[];
}

/** What a prover sends before the inner-product argument, and the vectors that the argument is about. */
export interface UnfoldedProof {
  readonly A: Point;
  readonly S: Point;
  readonly T1: Point;
  readonly T2: Point;
  readonly tauX: Buffer;
  readonly mu: Buffer;
  readonly tHat: Buffer;
  readonly y: bigint;
  readonly l: readonly Buffer[];
  readonly r: readonly Buffer[];
}

/**
 * The encoded proof. A witness that does not open the commitments gives a proof that does not verify.
 *
 * @param random used for blinding: a proof with repeated randomness reveals the values
 */
export function proveBits(statement: Statement, witness: Witness, random: RandomSource): Buffer {
  const scalars = new SecretScalars(random);
  try {
    const transcript = statementTranscript(statement);
    const { y, l, r, tauX, mu, tHat, ...points } = proveUnfolded(statement, witness, transcript, scalars);

    const { g, h, innerProductBase } = statement.generators;
    const inverses = powers(invert(y), h.length).map((power) => scalarToBytes(power));
    const hPrime = zip(h, inverses).map(([point, scalar]) => secretSum([{ point, scalar }])); // (64)
    const w = scalarToBytes(transcript.challenge());
    const u = secretSum([{ point: innerProductBase, scalar: w }]); // Protocol 1
    const { rounds, a, b } = proveInnerProduct({ g, h: hPrime, u }, { a: l, b: r }, transcript, scalars);

    const [published, last] = [
      { tauX: scalarFromBytes(tauX), mu: scalarFromBytes(mu), tHat: scalarFromBytes(tHat) },
      { a: scalarFromBytes(a), b: scalarFromBytes(b) },
    ];
    return encodeRangeProof({ ...points, ...published, rounds, ...last });
  } finally {
    scalars.wipe();
  }
}

/** Equations (41) to (63), with l and r of (70) and (71) and the tau_x of section 4.3 for m values. */
export function proveUnfolded(
  { bits, commitments, generators }: Statement,
  { aL, blindings }: Witness,
  transcript: Transcript,
  scalars: SecretScalars,
): UnfoldedProof {
  const { valueBase, blindingBase, g, h } = generators;
  const commit = (value: Uint8Array, blinding: Uint8Array): Term[] => [
    { point: valueBase, scalar: value },
    { point: blindingBase, scalar: blinding },
  ];

  const alpha = scalars.draw(); // (43)
  // g^a_L h^a_R of (41), (42): for every bit either g_i or the inverse of h_i
  const selected = zip(g, h).map(([gi, hi], i) =>
    scalars.select(aL[i] ?? 0, uncompressed(gi), uncompressed(negatePoint(hi))),
  );
  const A = secretSum([{ point: blindingBase, scalar: alpha }], selected); // (44)
  const [sL, sR] = [g.map(() => scalars.draw()), h.map(() => scalars.draw())]; // (45)
  const rho = scalars.draw(); // (46)
  const blinding = zip([...g, ...h], [...sL, ...sR]).map(([point, scalar]) => ({ point, scalar }));
  const S = secretSum([{ point: blindingBase, scalar: rho }, ...blinding]); // (47)
  transcript.absorb(A, S); // (48)
  const [y, z] = [transcript.challenge(), transcript.challenge()]; // (49), (50)

  // l(X) = l0 + l1 X of (70), r(X) = r0 + r1 X of (71); both candidates of every entry of l0 and r0 are public
  const [lOne, lZero] = [scalarToBytes(mod(1n - z)), scalarToBytes(mod(-z))];
  const l0 = g.map((_, i) => scalars.select(aL[i] ?? 0, lOne, lZero));
  const yPowers = powers(y, h.length);
  const r0 = zip(yPowers, bitWeights(z, bits, commitments.length)).map(([power, weight], i) => {
    const [rOne, rZero] = [mod(power * z + weight), mod(power * (z - 1n) + weight)];
    return scalars.select(aL[i] ?? 0, scalarToBytes(rOne), scalarToBytes(rZero));
  });
  const r1 = zip(yPowers, sR).map(([power, s]) => scalars.multiply(s, scalarToBytes(power)));
  const t1 = scalars.add(scalars.innerProduct(l0, r1), scalars.innerProduct(sL, r0));
  const t2 = scalars.innerProduct(sL, r1);
  const [tau1, tau2] = [scalars.draw(), scalars.draw()]; // (52)
  const [T1, T2] = [secretSum(commit(t1, tau1)), secretSum(commit(t2, tau2))]; // (53)
  transcript.absorb(T1, T2); // (54)
  const x = scalarToBytes(transcript.challenge()); // (55), (56)

  const evaluate = (constant: readonly Buffer[], linear: readonly Buffer[]) =>
    zip(constant, linear).map(([c0, c1]) => scalars.add(scalars.multiply(c1, x), c0));
  const [l, r] = [evaluate(l0, sL), evaluate(r0, r1)]; // (58), (59)
  const tHat = scalars.innerProduct(l, r); // (60)
  const tau = scalars.multiply(scalars.add(scalars.multiply(tau2, x), tau1), x);
  const tauX = zip(powers(z, blindings.length), blindings).reduce(
    (sum, [power, gamma]) => scalars.add(sum, scalars.multiply(gamma, scalarToBytes(mod(z * z * power)))),
    tau,
  ); // (61) for one value
  const mu = scalars.add(scalars.multiply(rho, x), alpha); // (62)
  transcript.absorb(tauX, mu, tHat); // (63)
  return { A, S, T1, T2, tauX, mu, tHat, y, l, r };
}
