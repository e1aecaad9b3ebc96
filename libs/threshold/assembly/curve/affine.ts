// From Jacobian points to coordinates as they are on the wire, with one inversion for a whole batch (Montgomery's trick),
// and what is made of coordinates directly: sums, and points from x.
import { CURVE_POINTS, ELEMENT, JACOBIANS, POINT, PREFIXES } from './layout';
import { loadPair, storeLane } from './encoding';
import { multiply, negateWhere, square, subtract } from './field';
import { addAffine, AFTER_POINTS, fromAffine, setOne } from './points';
import { invert, squareRoot } from './powers';

const COORDINATE: i32 = 32;
const ENCODED: i32 = 64;
const INVERSE: i32 = AFTER_POINTS;
const T0: i32 = INVERSE + ELEMENT;
const T1: i32 = T0 + ELEMENT;
const X2: i32 = T1 + ELEMENT;
const Y2: i32 = X2 + ELEMENT;
export const AFTER_AFFINE: i32 = Y2 + ELEMENT;

/**
 * CURVE_POINTS = the points of JACOBIANS.
 *
 * @returns whether all have coordinates: no Z is 0
 */
export function storeAffine(pairs: i32): bool {
  setOne(PREFIXES);
  for (let k = 0; k < pairs; k++) {
    multiply(PREFIXES + (k + 1) * ELEMENT, PREFIXES + k * ELEMENT, JACOBIANS + k * POINT + 2 * ELEMENT);
  }
  const product = PREFIXES + pairs * ELEMENT;
  if (isZeroInSomeLane(product)) return false;
  invert(INVERSE, product);
  for (let k = pairs - 1; k >= 0; k--) {
    const point = JACOBIANS + k * POINT;
    multiply(T0, INVERSE, PREFIXES + k * ELEMENT); // 1 / Z
    multiply(INVERSE, INVERSE, point + 2 * ELEMENT);
    square(T1, T0);
    multiply(point, point, T1);
    multiply(T1, T1, T0);
    multiply(point + ELEMENT, point + ELEMENT, T1);
    storePoints(2 * k, point, point + ELEMENT);
  }
  return true;
}

/** The coordinates of both lanes as points `index` and `index` + 1. */
function storePoints(index: i32, x: i32, y: i32): void {
  const out = CURVE_POINTS + index * ENCODED;
  storeLane(out, x, 0);
  storeLane(out + COORDINATE, y, 0);
  storeLane(out + ENCODED, x, 1);
  storeLane(out + ENCODED + COORDINATE, y, 1);
}

/** Whether an element is 0 mod p: as a product of all Z that is an event of probability 2^-128, and public. */
function isZeroInSomeLane(element: i32): bool {
  storeLane(T0, element, 0);
  storeLane(T0 + COORDINATE, element, 1);
  return isZero(T0) || isZero(T0 + COORDINATE);
}

function isZero(bytes: i32): bool {
  return (load<u64>(bytes) | load<u64>(bytes, 8) | load<u64>(bytes, 16) | load<u64>(bytes, 24)) == 0;
}

/**
 * CURVE_POINTS k = its sum with point k + `count` of CURVE_POINTS, for k below `count`, an even number.
 *
 * @returns whether all sums have coordinates
 */
export function addPoints(count: i32): bool {
  for (let k = 0; k < count / 2; k++) {
    const first = CURVE_POINTS + 2 * k * ENCODED;
    const second = first + count * ENCODED;
    loadPair(X2, first, ENCODED);
    loadPair(Y2, first + COORDINATE, ENCODED);
    fromAffine(JACOBIANS + k * POINT, X2, Y2);
    loadPair(X2, second, ENCODED);
    loadPair(Y2, second + COORDINATE, ENCODED);
    addAffine(JACOBIANS + k * POINT, X2, Y2);
  }
  return storeAffine(count / 2);
}

/**
 * Fills in y of each of the first `count` (an even number) points of CURVE_POINTS: the root of x^3 + 7 that is odd where the
 * last byte of y was odd. Sets y to 0, which no point has, where x is not of the curve. Public values.
 */
export function fillRoots(count: i32): void {
  for (let k = 0; k < count; k += 2) {
    const at = CURVE_POINTS + k * ENCODED;
    loadPair(X2, at, ENCODED);
    square(T0, X2);
    multiply(T0, T0, X2);
    addSeven(T0);
    squareRoot(Y2, T0);
    square(T1, Y2);
    subtract(T1, T1, T0);
    for (let lane = 0; lane < 2; lane++) {
      const x = at + lane * ENCODED;
      const y = x + COORDINATE;
      const isOdd = load<u8>(y, COORDINATE - 1) & 1;
      storeLane(INVERSE, X2, lane); // a canonical x comes back as it was
      const isCanonical = isEqual(INVERSE, x);
      storeLane(INVERSE, T1, lane);
      const isRoot = isZero(INVERSE);
      storeLane(y, Y2, lane);
      if ((load<u8>(y, COORDINATE - 1) & 1) != isOdd) {
        negateWhere(T0, Y2, i32x4.splat(-1));
        storeLane(y, T0, lane);
      }
      if (!isCanonical || !isRoot) memory.fill(y, 0, COORDINATE);
    }
  }
}

function addSeven(element: i32): void {
  store<u32>(element, load<u32>(element) + 7);
  store<u32>(element, load<u32>(element, 4) + 7, 4);
}

function isEqual(a: i32, b: i32): bool {
  let difference: u64 = 0;
  for (let k = 0; k < COORDINATE; k += 8) difference |= load<u64>(a + k) ^ load<u64>(b + k);
  return difference == 0;
}
