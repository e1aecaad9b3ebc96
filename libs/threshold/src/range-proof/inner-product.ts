/** The prover of the improved inner-product argument: Protocol 2 of Bulletproofs (ePrint 2017/1066), section 3. */
import { type Point } from '../group/point';
import { invert, scalarToBytes } from '../group/scalar';
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

/** Equations (20) to (34), until one entry of each vector is left. The challenges come from the transcript. */
export function proveInnerProduct(
  bases: InnerProductBases,
  vectors: { readonly a: readonly Buffer[]; readonly b: readonly Buffer[] },
  transcript: Transcript,
  scalars: SecretScalars,
): { readonly rounds: readonly Round[]; readonly a: Buffer; readonly b: Buffer } {
  const rounds: Round[] = [];
  let [{ g, h }, { a, b }] = [bases, vectors];
  for (;;) {
    const [[lastA], [lastB]] = [a, b];
    if (lastA && lastB && a.length === 1) return { rounds, a: lastA, b: lastB };
    const [[aLo, aHi], [bLo, bHi]] = [halves(a), halves(b)];
    const [[gLo, gHi], [hLo, hHi]] = [halves(g), halves(h)];

    const cL: Term = { point: bases.u, scalar: scalars.innerProduct(aLo, bHi) }; // (21)
    const cR: Term = { point: bases.u, scalar: scalars.innerProduct(aHi, bLo) }; // (22)
    const L = secretSum([...terms(gHi, aLo), ...terms(hLo, bHi), cL]); // (23)
    const R = secretSum([...terms(gLo, aHi), ...terms(hHi, bLo), cR]); // (24)
    rounds.push({ L, R });
    transcript.absorb(L, R); // (25)
    const challenge = transcript.challenge(); // (26), (27)
    const [x, xInverse] = [scalarToBytes(challenge), scalarToBytes(invert(challenge))];

    if (gLo.length > 1) {
      g = foldPoints([gLo, xInverse], [gHi, x]); // (29)
      h = foldPoints([hLo, x], [hHi, xInverse]); // (30)
    }
    const fold = (lo: readonly Buffer[], xLo: Buffer, hi: readonly Buffer[], xHi: Buffer) =>
      zip(lo, hi).map(([l, r]) => scalars.add(scalars.multiply(l, xLo), scalars.multiply(r, xHi)));
    a = fold(aLo, x, aHi, xInverse); // (33)
    b = fold(bLo, xInverse, bHi, x); // (34)
  }
}

function terms(points: readonly Point[], factors: readonly Buffer[]): Term[] {
  return zip(points, factors).map(([point, scalar]) => ({ point, scalar }));
}

function foldPoints(
  [low, lowFactor]: readonly [readonly Point[], Buffer],
  [high, highFactor]: readonly [readonly Point[], Buffer],
): Point[] {
  return zip(low, high).map(([lo, hi]) =>
    secretSum([
      { point: lo, scalar: lowFactor },
      { point: hi, scalar: highFactor },
    ]),
  );
}
