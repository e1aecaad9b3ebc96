// Integers modulo the field prime p = 2^256 - 2^32 - 977 of secp256k1, two at a time: one in each lane of a vector, so that
// two points are worked on at once. Nothing branches on a value, nor does an address depend on one.
//
// An element of a pair has nine limbs of 29 bits. Ten 32-bit words per lane lie in memory as limb 0 of both lanes, limb 1
// of both lanes, ..: five vectors, the last word unused. All functions take and leave limbs below 2^29 + 2^14, the ninth
// below 2^24 + 8: any such limbs, whose value is defined modulo p only.
import { ELEMENT } from './layout';

const BITS: i32 = 29;
/** The ninth limb of a number below 2^256 has 24 bits. */
const TOP_BITS: i32 = 24;
/** 2^261 = 2^37 + 31264 mod p: what a carry out of the ninth limb is worth, in the first limb and, shifted, in the second. */
const FOLD: i32 = 31264;
const FOLD_SHIFT: i32 = 8;

// --- products

function low(x: v128, y: v128): v128 {
  return i64x2.extmul_low_i32x4_u(x, y);
}
function high(x: v128, y: v128): v128 {
  return i64x2.extmul_high_i32x4_u(x, y);
}
function plus(x: v128, y: v128): v128 {
  return i64x2.add(x, y);
}
/** The first limb of a vector of two, twice. */
function firstTwice(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 0, 1, 0, 1);
}
/** The second limb of a vector of two, twice. */
function secondTwice(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 2, 3, 2, 3);
}

/** out = a * b */
export function multiply(out: i32, a: i32, b: i32): void {
  const x0 = v128.load(a);
  const x2 = v128.load(a, 16);
  const x4 = v128.load(a, 32);
  const x6 = v128.load(a, 48);
  const x8 = v128.load(a, 64);

  let pair = v128.load(b);
  let y = firstTwice(pair);
  const c0 = low(x0, y);
  let c1 = high(x0, y);
  let c2 = low(x2, y);
  let c3 = high(x2, y);
  let c4 = low(x4, y);
  let c5 = high(x4, y);
  let c6 = low(x6, y);
  let c7 = high(x6, y);
  let c8 = low(x8, y);
  y = secondTwice(pair);
  c1 = plus(c1, low(x0, y));
  c2 = plus(c2, high(x0, y));
  c3 = plus(c3, low(x2, y));
  c4 = plus(c4, high(x2, y));
  c5 = plus(c5, low(x4, y));
  c6 = plus(c6, high(x4, y));
  c7 = plus(c7, low(x6, y));
  c8 = plus(c8, high(x6, y));
  let c9 = low(x8, y);
  pair = v128.load(b, 16);
  y = firstTwice(pair);
  c2 = plus(c2, low(x0, y));
  c3 = plus(c3, high(x0, y));
  c4 = plus(c4, low(x2, y));
  c5 = plus(c5, high(x2, y));
  c6 = plus(c6, low(x4, y));
  c7 = plus(c7, high(x4, y));
  c8 = plus(c8, low(x6, y));
  c9 = plus(c9, high(x6, y));
  let c10 = low(x8, y);
  y = secondTwice(pair);
  c3 = plus(c3, low(x0, y));
  c4 = plus(c4, high(x0, y));
  c5 = plus(c5, low(x2, y));
  c6 = plus(c6, high(x2, y));
  c7 = plus(c7, low(x4, y));
  c8 = plus(c8, high(x4, y));
  c9 = plus(c9, low(x6, y));
  c10 = plus(c10, high(x6, y));
  let c11 = low(x8, y);
  pair = v128.load(b, 32);
  y = firstTwice(pair);
  c4 = plus(c4, low(x0, y));
  c5 = plus(c5, high(x0, y));
  c6 = plus(c6, low(x2, y));
  c7 = plus(c7, high(x2, y));
  c8 = plus(c8, low(x4, y));
  c9 = plus(c9, high(x4, y));
  c10 = plus(c10, low(x6, y));
  c11 = plus(c11, high(x6, y));
  let c12 = low(x8, y);
  y = secondTwice(pair);
  c5 = plus(c5, low(x0, y));
  c6 = plus(c6, high(x0, y));
  c7 = plus(c7, low(x2, y));
  c8 = plus(c8, high(x2, y));
  c9 = plus(c9, low(x4, y));
  c10 = plus(c10, high(x4, y));
  c11 = plus(c11, low(x6, y));
  c12 = plus(c12, high(x6, y));
  let c13 = low(x8, y);
  pair = v128.load(b, 48);
  y = firstTwice(pair);
  c6 = plus(c6, low(x0, y));
  c7 = plus(c7, high(x0, y));
  c8 = plus(c8, low(x2, y));
  c9 = plus(c9, high(x2, y));
  c10 = plus(c10, low(x4, y));
  c11 = plus(c11, high(x4, y));
  c12 = plus(c12, low(x6, y));
  c13 = plus(c13, high(x6, y));
  let c14 = low(x8, y);
  y = secondTwice(pair);
  c7 = plus(c7, low(x0, y));
  c8 = plus(c8, high(x0, y));
  c9 = plus(c9, low(x2, y));
  c10 = plus(c10, high(x2, y));
  c11 = plus(c11, low(x4, y));
  c12 = plus(c12, high(x4, y));
  c13 = plus(c13, low(x6, y));
  c14 = plus(c14, high(x6, y));
  let c15 = low(x8, y);
  y = firstTwice(v128.load(b, 64));
  c8 = plus(c8, low(x0, y));
  c9 = plus(c9, high(x0, y));
  c10 = plus(c10, low(x2, y));
  c11 = plus(c11, high(x2, y));
  c12 = plus(c12, low(x4, y));
  c13 = plus(c13, high(x4, y));
  c14 = plus(c14, low(x6, y));
  c15 = plus(c15, high(x6, y));
  const c16 = low(x8, y);
  reduce(out, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16);
}

/** out = a^2: every product of two different limbs counts twice. */
export function square(out: i32, a: i32): void {
  const x0 = v128.load(a);
  const x2 = v128.load(a, 16);
  const x4 = v128.load(a, 32);
  const x6 = v128.load(a, 48);
  const x8 = v128.load(a, 64);
  const d0 = i32x4.shl(x0, 1);
  const d2 = i32x4.shl(x2, 1);
  const d4 = i32x4.shl(x4, 1);
  const d6 = i32x4.shl(x6, 1);
  const d8 = i32x4.shl(x8, 1);

  let y = firstTwice(x0);
  const c0 = low(x0, y);
  const c1 = high(d0, y);
  let c2 = low(d2, y);
  let c3 = high(d2, y);
  let c4 = low(d4, y);
  let c5 = high(d4, y);
  let c6 = low(d6, y);
  let c7 = high(d6, y);
  let c8 = low(d8, y);
  y = secondTwice(x0);
  c2 = plus(c2, high(x0, y));
  c3 = plus(c3, low(d2, y));
  c4 = plus(c4, high(d2, y));
  c5 = plus(c5, low(d4, y));
  c6 = plus(c6, high(d4, y));
  c7 = plus(c7, low(d6, y));
  c8 = plus(c8, high(d6, y));
  let c9 = low(d8, y);
  y = firstTwice(x2);
  c4 = plus(c4, low(x2, y));
  c5 = plus(c5, high(d2, y));
  c6 = plus(c6, low(d4, y));
  c7 = plus(c7, high(d4, y));
  c8 = plus(c8, low(d6, y));
  c9 = plus(c9, high(d6, y));
  let c10 = low(d8, y);
  y = secondTwice(x2);
  c6 = plus(c6, high(x2, y));
  c7 = plus(c7, low(d4, y));
  c8 = plus(c8, high(d4, y));
  c9 = plus(c9, low(d6, y));
  c10 = plus(c10, high(d6, y));
  let c11 = low(d8, y);
  y = firstTwice(x4);
  c8 = plus(c8, low(x4, y));
  c9 = plus(c9, high(d4, y));
  c10 = plus(c10, low(d6, y));
  c11 = plus(c11, high(d6, y));
  let c12 = low(d8, y);
  y = secondTwice(x4);
  c10 = plus(c10, high(x4, y));
  c11 = plus(c11, low(d6, y));
  c12 = plus(c12, high(d6, y));
  let c13 = low(d8, y);
  y = firstTwice(x6);
  c12 = plus(c12, low(x6, y));
  c13 = plus(c13, high(d6, y));
  let c14 = low(d8, y);
  y = secondTwice(x6);
  c14 = plus(c14, high(x6, y));
  const c15 = low(d8, y);
  const c16 = low(x8, firstTwice(x8));
  reduce(out, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16);
}

function carried(x: v128): v128 {
  return i64x2.shr_u(x, BITS);
}
function rest(x: v128): v128 {
  return v128.and(x, i64x2(0x1fffffff, 0x1fffffff));
}
/** Two limbs in one vector, from two vectors of 64-bit words. */
function packed(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 0, 2, 4, 6);
}

/**
 * out = sum c_k * 2^(29k) for columns below 2^62.
 *
 * The upper columns are carried and folded; of the lower ones the first four and the rest are carried side by side, and
 * what passes bit 255 is folded once more. Inlined: a call with 17 vectors costs a fifth of a product.
 */
@inline
function reduce(
  out: i32,
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  c7: v128,
  c8: v128,
  c9: v128,
  c10: v128,
  c11: v128,
  c12: v128,
  c13: v128,
  c14: v128,
  c15: v128,
  c16: v128,
): void {
  c10 = plus(c10, carried(c9));
  c9 = rest(c9);
  c11 = plus(c11, carried(c10));
  c10 = rest(c10);
  c12 = plus(c12, carried(c11));
  c11 = rest(c11);
  c13 = plus(c13, carried(c12));
  c12 = rest(c12);
  c14 = plus(c14, carried(c13));
  c13 = rest(c13);
  c15 = plus(c15, carried(c14));
  c14 = rest(c14);
  c16 = plus(c16, carried(c15));
  c15 = rest(c15);
  const c17 = carried(c16);
  c16 = rest(c16);

  const fold = i32x4.splat(FOLD);
  let pair = packed(c9, c10);
  let r0 = plus(c0, low(pair, fold));
  let r1 = plus(plus(c1, high(pair, fold)), i64x2.shl(c9, FOLD_SHIFT));
  pair = packed(c11, c12);
  let r2 = plus(plus(c2, low(pair, fold)), i64x2.shl(c10, FOLD_SHIFT));
  let r3 = plus(plus(c3, high(pair, fold)), i64x2.shl(c11, FOLD_SHIFT));
  pair = packed(c13, c14);
  let r4 = plus(plus(c4, low(pair, fold)), i64x2.shl(c12, FOLD_SHIFT));
  let r5 = plus(plus(c5, high(pair, fold)), i64x2.shl(c13, FOLD_SHIFT));
  pair = packed(c15, c16);
  let r6 = plus(plus(c6, low(pair, fold)), i64x2.shl(c14, FOLD_SHIFT));
  let r7 = plus(plus(c7, high(pair, fold)), i64x2.shl(c15, FOLD_SHIFT));
  let r8 = plus(plus(c8, low(packed(c17, c17), fold)), i64x2.shl(c16, FOLD_SHIFT));

  r5 = plus(r5, carried(r4));
  r1 = plus(r1, carried(r0));
  r6 = plus(r6, carried(r5));
  r2 = plus(r2, carried(r1));
  r7 = plus(r7, carried(r6));
  r3 = plus(r3, carried(r2));
  r8 = plus(r8, carried(r7));
  r4 = plus(rest(r4), carried(r3));
  // above bit 255: c17 * 2^(29*17 + 8 - 29*9) of the last fold, and the upper bits of the ninth limb
  const top = plus(i64x2.shr_u(r8, TOP_BITS), i64x2.shl(c17, FOLD_SHIFT + BITS - TOP_BITS));
  const times977 = i64x2.sub(plus(i64x2.shl(top, 10), top), plus(i64x2.shl(top, 5), i64x2.shl(top, 4)));
  r0 = plus(rest(r0), times977);
  r1 = plus(plus(rest(r1), i64x2.shl(top, 3)), carried(r0));
  r2 = plus(rest(r2), carried(r1));
  r5 = plus(rest(r5), carried(r4));
  v128.store(out, packed(rest(r0), rest(r1)));
  v128.store(out, packed(r2, rest(r3)), 16);
  v128.store(out, packed(rest(r4), r5), 32);
  v128.store(out, packed(rest(r6), rest(r7)), 48);
  const ninth = v128.and(r8, i64x2(0xffffff, 0xffffff));
  v128.store(out, packed(ninth, i64x2.splat(0)), 64);
}

// --- sums, four limbs at a time

/** Limbs of 8p and of 16p, spread so that limbs minus limbs, or minus twice limbs, stay positive. */
const EIGHT_P_FIRST = i32x4(0x3fffe178, 0x3fffe178, 0x3fffffbe, 0x3fffffbe);
const EIGHT_P = i32x4(0x3ffffffe, 0x3ffffffe, 0x3ffffffe, 0x3ffffffe);
const EIGHT_P_LAST = i32x4(0x7fffffe, 0x7fffffe, 0, 0);
const SIXTEEN_P_FIRST = i32x4(0x7fffc2f0, 0x7fffc2f0, 0x7fffff7c, 0x7fffff7c);
const SIXTEEN_P = i32x4(0x7ffffffc, 0x7ffffffc, 0x7ffffffc, 0x7ffffffc);
const SIXTEEN_P_LAST = i32x4(0xffffffc, 0xffffffc, 0, 0);

/** out = a - b */
export function subtract(out: i32, a: i32, b: i32): void {
  storeCarried(
    out,
    i32x4.sub(i32x4.add(v128.load(a), EIGHT_P_FIRST), v128.load(b)),
    i32x4.sub(i32x4.add(v128.load(a, 16), EIGHT_P), v128.load(b, 16)),
    i32x4.sub(i32x4.add(v128.load(a, 32), EIGHT_P), v128.load(b, 32)),
    i32x4.sub(i32x4.add(v128.load(a, 48), EIGHT_P), v128.load(b, 48)),
    i32x4.sub(i32x4.add(v128.load(a, 64), EIGHT_P_LAST), v128.load(b, 64)),
  );
}

/** out = a - 2b */
export function subtractTwice(out: i32, a: i32, b: i32): void {
  storeCarried(
    out,
    i32x4.sub(i32x4.add(v128.load(a), SIXTEEN_P_FIRST), i32x4.shl(v128.load(b), 1)),
    i32x4.sub(i32x4.add(v128.load(a, 16), SIXTEEN_P), i32x4.shl(v128.load(b, 16), 1)),
    i32x4.sub(i32x4.add(v128.load(a, 32), SIXTEEN_P), i32x4.shl(v128.load(b, 32), 1)),
    i32x4.sub(i32x4.add(v128.load(a, 48), SIXTEEN_P), i32x4.shl(v128.load(b, 48), 1)),
    i32x4.sub(i32x4.add(v128.load(a, 64), SIXTEEN_P_LAST), i32x4.shl(v128.load(b, 64), 1)),
  );
}

/** out = a, or -a in the lanes whose mask is all ones. */
export function negateWhere(out: i32, a: i32, mask: v128): void {
  storeCarried(
    out,
    v128.bitselect(i32x4.sub(EIGHT_P_FIRST, v128.load(a)), v128.load(a), mask),
    v128.bitselect(i32x4.sub(EIGHT_P, v128.load(a, 16)), v128.load(a, 16), mask),
    v128.bitselect(i32x4.sub(EIGHT_P, v128.load(a, 32)), v128.load(a, 32), mask),
    v128.bitselect(i32x4.sub(EIGHT_P, v128.load(a, 48)), v128.load(a, 48), mask),
    v128.bitselect(i32x4.sub(EIGHT_P_LAST, v128.load(a, 64)), v128.load(a, 64), mask),
  );
}

/** out = a + b */
export function add(out: i32, a: i32, b: i32): void {
  storeCarried(
    out,
    i32x4.add(v128.load(a), v128.load(b)),
    i32x4.add(v128.load(a, 16), v128.load(b, 16)),
    i32x4.add(v128.load(a, 32), v128.load(b, 32)),
    i32x4.add(v128.load(a, 48), v128.load(b, 48)),
    i32x4.add(v128.load(a, 64), v128.load(b, 64)),
  );
}

/** out = 3/2 * a: adds p where 3a is odd. */
export function threeHalves(out: i32, a: i32): void {
  const a0 = tripled(v128.load(a));
  // bit 0 of the first limb of each lane, as a mask over both limbs
  const odd = i32x4.neg(v128.and(v128.shuffle<i32>(a0, a0, 0, 1, 0, 1), i32x4.splat(1)));
  const l0 = i32x4.add(a0, v128.and(odd, i32x4(0x1ffffc2f, 0x1ffffc2f, 0x1ffffff7, 0x1ffffff7)));
  const ones = v128.and(odd, i32x4.splat(0x1fffffff));
  const l1 = i32x4.add(tripled(v128.load(a, 16)), ones);
  const l2 = i32x4.add(tripled(v128.load(a, 32)), ones);
  const l3 = i32x4.add(tripled(v128.load(a, 48)), ones);
  const l4 = i32x4.add(tripled(v128.load(a, 64)), v128.and(odd, i32x4(0xffffff, 0xffffff, 0, 0)));
  storeCarried(
    out,
    halved(l0, l1),
    halved(l1, l2),
    halved(l2, l3),
    halved(l3, l4),
    halved(l4, i32x4.splat(0)),
  );
}

function tripled(x: v128): v128 {
  return i32x4.add(i32x4.shl(x, 1), x);
}
/** Half of two limbs, with bit 0 of the limb after each. */
function halved(x: v128, next: v128): v128 {
  const after = v128.and(v128.shuffle<i32>(x, next, 2, 3, 4, 5), i32x4.splat(1));
  return i32x4.add(i32x4.shr_u(x, 1), i32x4.shl(after, BITS - 1));
}

/** Carries limbs below 2^32, each by one limb, and folds what passes bit 255. */
function storeCarried(out: i32, l0: v128, l1: v128, l2: v128, l3: v128, l4: v128): void {
  const mask = i32x4.splat(0x1fffffff);
  const h0 = i32x4.shr_u(l0, BITS);
  const h1 = i32x4.shr_u(l1, BITS);
  const h2 = i32x4.shr_u(l2, BITS);
  const h3 = i32x4.shr_u(l3, BITS);
  const top = i32x4.shr_u(v128.shuffle<i32>(l4, l4, 0, 1, 0, 1), TOP_BITS);
  // 2^256 = 977 + 8 * 2^29 mod p
  const folded = i32x4.mul(top, i32x4(977, 977, 8, 8));
  const zero = i32x4.splat(0);
  v128.store(out, i32x4.add(i32x4.add(v128.and(l0, mask), v128.shuffle<i32>(zero, h0, 0, 1, 4, 5)), folded));
  v128.store(out, i32x4.add(v128.and(l1, mask), v128.shuffle<i32>(h0, h1, 2, 3, 4, 5)), 16);
  v128.store(out, i32x4.add(v128.and(l2, mask), v128.shuffle<i32>(h1, h2, 2, 3, 4, 5)), 32);
  v128.store(out, i32x4.add(v128.and(l3, mask), v128.shuffle<i32>(h2, h3, 2, 3, 4, 5)), 48);
  const ninth = v128.and(l4, i32x4(0xffffff, 0xffffff, 0, 0));
  v128.store(out, i32x4.add(ninth, v128.shuffle<i32>(h3, zero, 2, 3, 4, 5)), 64);
}

// --- powers

/** out = a^(2^count) */
export function squareTimes(out: i32, a: i32, count: i32): void {
  square(out, a);
  for (let k = 1; k < count; k++) square(out, out);
}

export function copyElement(out: i32, a: i32): void {
  memory.copy(out, a, ELEMENT);
}
