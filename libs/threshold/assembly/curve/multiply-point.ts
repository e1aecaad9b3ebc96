// Multiples of any points: an endomorphism halves the length of the multiplier (Gallant, Lambert, Vanstone 2001), and every
// window of four bits of both halves adds a point that is looked up by reading all of the table.
import {
  CURVE_POINTS,
  DIGITS,
  ELEMENT,
  JACOBIANS,
  MULTIPLE,
  MULTIPLES,
  POINT,
  RATIOS,
  TABLE,
  WINDOWS,
} from './layout';
import { AFTER_AFFINE, storeAffine } from './affine';
import { loadPair } from './encoding';
import { copyElement, multiply, negateWhere, square } from './field';
import { addAffine, double, fromAffine, RATIO } from './points';
import { recodeForPoint } from './scalars';

const X2: i32 = AFTER_AFFINE;
const Y2: i32 = X2 + ELEMENT;
/** What Z must be multiplied by: coordinates in TABLE are those of an isomorphic curve. */
const SCALE: i32 = Y2 + ELEMENT;
const T0: i32 = SCALE + ELEMENT;
const BETA: i32 = T0 + ELEMENT;
const DOUBLED: i32 = BETA + ELEMENT;
const MULTIPLE_SUM: i32 = DOUBLED + POINT;

/** Places of a multiple in TABLE. */
const X: i32 = 0;
const Y: i32 = ELEMENT;
const IMAGE_X: i32 = 2 * ELEMENT;
const WINDOW_BITS: i32 = 4;

/**
 * CURVE_POINTS = the multiples of CURVE_POINTS by CURVE_SCALARS, in [1, q), for 2 * `pairs` of them.
 *
 * @returns whether all have coordinates: not for a handful of multipliers, on whose way equal or opposite points meet
 */
export function multiplyPoints(pairs: i32): bool {
  storeBeta();
  for (let k = 0; k < pairs; k++) {
    recodeForPoint(2 * k);
    makeTable(CURVE_POINTS + 128 * k);
    const sum = JACOBIANS + k * POINT;
    lookUp(WINDOWS - 1, X);
    fromAffine(sum, X2, Y2);
    lookUp(2 * WINDOWS - 1, IMAGE_X);
    addAffine(sum, X2, Y2);
    for (let i = WINDOWS - 2; i >= 0; i--) {
      for (let n = 0; n < WINDOW_BITS; n++) double(sum);
      lookUp(i, X);
      addAffine(sum, X2, Y2);
      lookUp(WINDOWS + i, IMAGE_X);
      addAffine(sum, X2, Y2);
    }
    multiply(sum + 2 * ELEMENT, sum + 2 * ELEMENT, SCALE);
  }
  return storeAffine(pairs);
}

/**
 * TABLE = P, 3P, .., 15P of the pair of points at `bytes`, as affine points of one isomorphic curve, without an inversion
 * (libsecp256k1, secp256k1_ecmult_odd_multiples_table_globalz). On the curve where 2P has Z = 1 the multiples are sums with an
 * affine point; then all are brought to Z of the last.
 */
function makeTable(bytes: i32): void {
  loadPair(X2, bytes, 64);
  loadPair(Y2, bytes + 32, 64);
  fromAffine(DOUBLED, X2, Y2);
  double(DOUBLED);
  const z = DOUBLED + 2 * ELEMENT;
  square(T0, z);
  multiply(X2, X2, T0);
  multiply(T0, T0, z);
  multiply(Y2, Y2, T0);
  copyElement(SCALE, z);

  fromAffine(MULTIPLE_SUM, X2, Y2);
  storeMultiple(0);
  for (let m = 1; m < MULTIPLES; m++) {
    addAffine(MULTIPLE_SUM, DOUBLED, DOUBLED + ELEMENT);
    storeMultiple(m);
    copyElement(RATIOS + m * ELEMENT, RATIO);
  }
  multiply(SCALE, SCALE, MULTIPLE_SUM + 2 * ELEMENT);

  const ratio = RATIOS + (MULTIPLES - 1) * ELEMENT; // of Z of the last to that of multiple m
  for (let m = MULTIPLES - 2; m >= 0; m--) {
    const multiple = TABLE + m * MULTIPLE;
    square(T0, ratio);
    multiply(multiple + X, multiple + X, T0);
    multiply(T0, T0, ratio);
    multiply(multiple + Y, multiple + Y, T0);
    if (m > 0) multiply(ratio, ratio, RATIOS + m * ELEMENT);
  }
  for (let m = 0; m < MULTIPLES; m++) {
    multiply(TABLE + m * MULTIPLE + IMAGE_X, TABLE + m * MULTIPLE + X, BETA);
  }
}

function storeMultiple(m: i32): void {
  copyElement(TABLE + m * MULTIPLE + X, MULTIPLE_SUM);
  copyElement(TABLE + m * MULTIPLE + Y, MULTIPLE_SUM + ELEMENT);
}

/** X2, Y2 = the digits of window i times P, or times its image: of each lane its own multiple, negated where the digit is. */
function lookUp(i: i32, x: i32): void {
  const digit0 = i32(load<u8>(DIGITS + 2 * i));
  const digit1 = i32(load<u8>(DIGITS + 2 * i + 1));
  const negative0 = (digit0 >> (WINDOW_BITS - 1)) - 1;
  const negative1 = (digit1 >> (WINDOW_BITS - 1)) - 1;
  const negative = i32x4(negative0, negative1, negative0, negative1);
  const digits = i32x4(digit0, digit1, digit0, digit1);
  const wanted = v128.and(v128.xor(digits, negative), i32x4.splat(MULTIPLES - 1));
  let x0 = i32x4.splat(0);
  let x1 = x0;
  let x2 = x0;
  let x3 = x0;
  let x4 = x0;
  let y0 = x0;
  let y1 = x0;
  let y2 = x0;
  let y3 = x0;
  let y4 = x0;
  for (let m = 0, multiple = TABLE; m < MULTIPLES; m++, multiple += MULTIPLE) {
    const mask = i32x4.eq(i32x4.splat(m), wanted);
    x0 = v128.or(x0, v128.and(v128.load(multiple + x), mask));
    x1 = v128.or(x1, v128.and(v128.load(multiple + x, 16), mask));
    x2 = v128.or(x2, v128.and(v128.load(multiple + x, 32), mask));
    x3 = v128.or(x3, v128.and(v128.load(multiple + x, 48), mask));
    x4 = v128.or(x4, v128.and(v128.load(multiple + x, 64), mask));
    y0 = v128.or(y0, v128.and(v128.load(multiple, Y), mask));
    y1 = v128.or(y1, v128.and(v128.load(multiple, Y + 16), mask));
    y2 = v128.or(y2, v128.and(v128.load(multiple, Y + 32), mask));
    y3 = v128.or(y3, v128.and(v128.load(multiple, Y + 48), mask));
    y4 = v128.or(y4, v128.and(v128.load(multiple, Y + 64), mask));
  }
  v128.store(X2, x0);
  v128.store(X2, x1, 16);
  v128.store(X2, x2, 32);
  v128.store(X2, x3, 48);
  v128.store(X2, x4, 64);
  v128.store(Y2, y0);
  v128.store(Y2, y1, 16);
  v128.store(Y2, y2, 32);
  v128.store(Y2, y3, 48);
  v128.store(Y2, y4, 64);
  negateWhere(Y2, Y2, negative);
}

/** BETA = a cube root of 1: (beta * x, y) is lambda times (x, y). */
function storeBeta(): void {
  store<u64>(T0, bswap<u64>(0x7ae96a2b657c0710));
  store<u64>(T0, bswap<u64>(0x6e64479eac3434e9), 8);
  store<u64>(T0, bswap<u64>(0x9cf0497512f58995), 16);
  store<u64>(T0, bswap<u64>(0xc1396c28719501ee), 24);
  loadPair(BETA, T0, 0);
}
