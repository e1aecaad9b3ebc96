/**
 * Generators of the range proofs: Bulletproofs (Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell, ePrint 2017/1066).
 *
 * No trusted set-up: all but G come from the hash to the curve under fixed labels, so nobody knows a discrete logarithm
 * between any two of them, on which the soundness rests.
 */
import { H } from '../hash';
import { hashToPoint } from '../group/hash-to-point';
import { multiplyBase, type Point } from '../group/point';

export interface Generators {
  /** g of the paper, which carries the value: the generator of secp256k1. */
  readonly valueBase: Point;
  /** h, which carries the blinding. */
  readonly blindingBase: Point;
  /** u, which carries the inner product. */
  readonly innerProductBase: Point;
  /** The vector g, one generator for each bit. */
  readonly g: readonly Point[];
  /** The vector h, one generator for each bit. */
  readonly h: readonly Point[];
}

const valueBase = multiplyBase(1n);
const blindingBase = hashToPoint(H('rp/generator', 'h'));
const innerProductBase = hashToPoint(H('rp/generator', 'u'));
const vectorG: Point[] = [];
const vectorH: Point[] = [];

/**
 * The generators for `length` bits, derived at their first use and kept:
 * `hashToPoint(H("rp/generator", name))` for h and u, `hashToPoint(H("rp/generator", name, i))` for the entry i >= 0 of
 * the vectors, which are called "G" and "H".
 */
export function generators(length: number): Generators {
  for (let i = vectorG.length; i < length; i++) {
    vectorG.push(hashToPoint(H('rp/generator', 'G', i)));
    vectorH.push(hashToPoint(H('rp/generator', 'H', i)));
  }
  const [g, h] = [vectorG.slice(0, length), vectorH.slice(0, length)];
  return { valueBase, blindingBase, innerProductBase, g, h };
}
