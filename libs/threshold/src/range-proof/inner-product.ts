/** The prover of the improved inner-product argument: Protocol 2 of Bulletproofs (ePrint 2017/1066), section 3. */
import { type Point } from '../group/point';
import { invert, mod, scalarToBytes } from '../group/scalar';
import { type Round } from './encoding';
import { type SecretScalars } from './secret-scalars';
import { secretSum, type Term } from './secret-sum';
import { type Transcript } from './transcript';
import { halves, zip } from './vectors';

/** The generators of the relation P = g^a h^b u^<a,b>: vectors of the same length, a power of two. */
export interface InnerProductBases {
  readonly g: readonly Point[];
  readonly h: readonly Point[];
  readonly u: Point;
}

/**
 * Equations (20) to (34), until one entry of each vector is left. The challenges come from the transcript.
 *
 * With X the product of the challenges so far, g and b are kept X times, h and a X^-1 times what they are in the paper:
 * then (29), (30), (33) and (34) take one multiplication for an entry in place of two, and L and R come out the same.
 */
export function proveInnerProduct(
  bases: InnerProductBases,
  vectors: { readonly a: readonly Buffer[]; readonly b: readonly Buffer[] },
  transcript: Transcript,
  scalars: SecretScalars,
): { readonly rounds: readonly Round[]; readonly a: Buffer; readonly b: Buffer } {
  const rounds: Round[] = [];
  let [{ g, h }, { a, b }, X] = [bases, vectors, 1n];
  for (;;) {
    const [[lastA], [lastB]] = [a, b];
    if (lastA && lastB && a.length === 1) {
      const [unscaledA, unscaledB] = [scalarToBytes(X), scalarToBytes(invert(X))];
      return { rounds, a: scalars.multiply(lastA, unscaledA), b: scalars.multiply(lastB, unscaledB) };
    }
    const [[aLo, aHi], [bLo, bHi]] = [halves(a), halves(b)];
    const [[gLo, gHi], [hLo, hHi]] = [halves(g), halves(h)];

    const cL: Term = { point: bases.u, scalar: scalars.innerProduct(aLo, bHi) }; // (21)
    const cR: Term = { point: bases.u, scalar: scalars.innerProduct(aHi, bLo) }; // (22)
    const L = secretSum([...terms(gHi, aLo), ...terms(hLo, bHi), cL]); // (23)
    const R = secretSum([...terms(gLo, aHi), ...terms(hHi, bLo), cR]); // (24)
    rounds.push({ L, R });
    transcript.absorb(L, R); // (25)
    const x = transcript.challenge(); // (26), (27)
    const [square, inverseSquare] = [scalarToBytes(mod(x * x)), scalarToBytes(invert(x * x))];

    if (gLo.length > 1) {
      g = foldPoints(gLo, gHi, square); // (29)
      h = foldPoints(hLo, hHi, inverseSquare); // (30)
    }
    const fold = (low: readonly Buffer[], high: readonly Buffer[], factor: Buffer) =>
      zip(low, high).map(([lo, hi]) => scalars.add(scalars.multiply(hi, factor), lo));
    a = fold(aLo, aHi, inverseSquare); // (33)
    b = fold(bLo, bHi, square); // (34)
    X = mod(X * x);
  }
}

function terms(points: readonly Point[], factors: readonly Buffer[]): Term[] {
  return zip(points, factors).map(([point, scalar]) => ({ point, scalar }));
}

/** low + factor * high: all public. */
function foldPoints(low: readonly Point[], high: readonly Point[], factor: Buffer): Point[] {
  return zip(low, high).map(([lo, hi]) => secretSum([{ point: hi, scalar: factor }], [lo]));
}
