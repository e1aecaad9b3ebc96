// The two steps that read the rows: the check column and the inner products (specification sections 6.3 and 6.4), both
// for x_1 and x_2 at once, one in each 64-bit lane.
import { bitMask } from './rows';
import {
  ACCUMULATORS,
  CHECK_ROW,
  CHECKS,
  FOLDS,
  GADGET,
  HEX,
  INTEGER,
  MULTIPLES,
  PAIRS,
  PAIRS_ROW,
  PRODUCTS,
  SCRATCH,
  THETAS,
} from './layout';
import {
  limb0,
  limb1,
  limb2,
  limb3,
  limb4,
  limb5,
  limb6,
  limb7,
  limb8,
  LIMB_BITS,
  LIMB_MASK,
  storeCanonical,
} from './limbs';
import { storeHex } from './hex';

const LIMBS: i32 = 9;
const VECTOR: i32 = 16;
/** Columns of an inner product: limbs 0 to 16 of the products, and their carry. */
const ACCUMULATOR_COLUMNS: i32 = 18;
/** A column of one row is below 2^61.2: after this many rows the carries must be taken, before 2^64. */
const ROWS_PER_CARRY: i32 = 4;

/** 2^261 mod q = 2^5 * C, packed. */
const FOLD_A: i64 = 0x05b42e65f937d7e0;
const FOLD_B: i64 = 0xaa24632a16ebf888;
const FOLD_C: i64 = 0x28;

/**
 * HEX = x_3 + theta_1 * x_1 + theta_2 * x_2 mod q of every row, canonical, as 64 lowercase hexadecimal digits.
 *
 * theta * x is the sum over the limbs of x_i * (theta * 2^(29i) mod q): with those multiples in a table, a product has
 * nine columns only and hardly anything above bit 255.
 */
export function checkColumn(rows: i32): void {
  writeMultiples(THETAS, MULTIPLES);
  writeMultiples(THETAS + INTEGER, MULTIPLES + 4);
  for (let b = 0; b < rows; b++) {
    checkOne(PAIRS + b * PAIRS_ROW, CHECKS + b * CHECK_ROW);
    storeHex(HEX + b * 2 * INTEGER, SCRATCH);
  }
}

/** Packs the check value of one row at SCRATCH. */
function checkOne(pairs: i32, third: i32): void {
  let s0 = i64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let s8 = s0;
  let table = MULTIPLES;
  for (let i = 0; i < LIMBS - 1; i += 2, pairs += VECTOR, table += LIMBS * VECTOR) {
    const x = v128.load(pairs);
    s0 = addBoth(s0, x, v128.load(table));
    s1 = addBoth(s1, x, v128.load(table, 16));
    s2 = addBoth(s2, x, v128.load(table, 32));
    s3 = addBoth(s3, x, v128.load(table, 48));
    s4 = addBoth(s4, x, v128.load(table, 64));
    s5 = addBoth(s5, x, v128.load(table, 80));
    s6 = addBoth(s6, x, v128.load(table, 96));
    s7 = addBoth(s7, x, v128.load(table, 112));
    s8 = addBoth(s8, x, v128.load(table, 128));
  }
  const last = v128.load(pairs);
  storeCanonical(
    SCRATCH,
    total(addLow(s0, last, v128.load(table))) + load<u32>(third),
    total(addLow(s1, last, v128.load(table, 16))) + load<u32>(third, 8),
    total(addLow(s2, last, v128.load(table, 32))) + load<u32>(third, 16),
    total(addLow(s3, last, v128.load(table, 48))) + load<u32>(third, 24),
    total(addLow(s4, last, v128.load(table, 64))) + load<u32>(third, 32),
    total(addLow(s5, last, v128.load(table, 80))) + load<u32>(third, 40),
    total(addLow(s6, last, v128.load(table, 96))) + load<u32>(third, 48),
    total(addLow(s7, last, v128.load(table, 112))) + load<u32>(third, 56),
    total(addLow(s8, last, v128.load(table, 128))) + load<u32>(third, 64),
  );
}

/** PRODUCTS = sum_b g_b * x_b,1 and sum_b g_b * x_b,2 mod q, canonical. */
export function innerProducts(rows: i32): void {
  memory.fill(ACCUMULATORS, 0, ACCUMULATOR_COLUMNS * VECTOR);
  for (let b = 0; b < rows; b++) {
    storeGadgetLimbs(GADGET + b * INTEGER);
    accumulate(PAIRS + b * PAIRS_ROW);
    if (b % ROWS_PER_CARRY === ROWS_PER_CARRY - 1) carry();
  }
  carry();
  store<i64>(SCRATCH, FOLD_A);
  store<i64>(SCRATCH, FOLD_B, 8);
  store<i64>(SCRATCH, FOLD_C, 16);
  store<i64>(SCRATCH, 0, 24);
  writeMultiples(SCRATCH, FOLDS);
  fold(ACCUMULATORS, PRODUCTS);
  fold(ACCUMULATORS + 8, PRODUCTS + INTEGER);
}

/** Adds the products of one row to the columns: limb j of g, at SCRATCH, times all of x_1 and x_2, from column j on. */
function accumulate(pairs: i32): void {
  const x0 = v128.load(pairs);
  const x2 = v128.load(pairs, 16);
  const x4 = v128.load(pairs, 32);
  const x6 = v128.load(pairs, 48);
  const x8 = v128.load(pairs, 64);
  for (let j = 0; j < LIMBS; j++) {
    const g = v128.load32_splat(SCRATCH + 4 * j);
    const at = ACCUMULATORS + VECTOR * j;
    v128.store(at, addLow(v128.load(at), x0, g));
    v128.store(at, addHigh(v128.load(at, 16), x0, g), 16);
    v128.store(at, addLow(v128.load(at, 32), x2, g), 32);
    v128.store(at, addHigh(v128.load(at, 48), x2, g), 48);
    v128.store(at, addLow(v128.load(at, 64), x4, g), 64);
    v128.store(at, addHigh(v128.load(at, 80), x4, g), 80);
    v128.store(at, addLow(v128.load(at, 96), x6, g), 96);
    v128.store(at, addHigh(v128.load(at, 112), x6, g), 112);
    v128.store(at, addLow(v128.load(at, 128), x8, g), 128);
  }
}

/** Reduces every column but the last to 29 bits. */
function carry(): void {
  const mask = i64x2.splat(LIMB_MASK);
  let over = i64x2.splat(0);
  let at = ACCUMULATORS;
  for (let k = 0; k < ACCUMULATOR_COLUMNS - 1; k++, at += VECTOR) {
    const sum = i64x2.add(v128.load(at), over);
    v128.store(at, v128.and(sum, mask));
    over = i64x2.shr_u(sum, i32(LIMB_BITS));
  }
  v128.store(at, i64x2.add(v128.load(at), over));
}

/** Packs one lane of the carried columns mod q at `out`, with the multiples of 2^261 in FOLDS. */
function fold(lane: i32, out: i32): void {
  const sums = SCRATCH;
  for (let k = 0; k < LIMBS; k++) {
    let sum = load<i64>(lane + VECTOR * k);
    for (let i = 0; i < LIMBS; i++) {
      sum += load<i64>(lane + VECTOR * (LIMBS + i)) * load<u32>(multipleAt(FOLDS, i, k));
    }
    store<i64>(sums + 8 * k, sum);
  }
  storeCanonical(
    out,
    load<i64>(sums),
    load<i64>(sums, 8),
    load<i64>(sums, 16),
    load<i64>(sums, 24),
    load<i64>(sums, 32),
    load<i64>(sums, 40),
    load<i64>(sums, 48),
    load<i64>(sums, 56),
    load<i64>(sums, 64),
  );
}

/** PRODUCTS = sum_b beta_b * g_b mod q, canonical. */
export function select(rows: i32, firstBit: i32): void {
  let s0: i64 = 0;
  let s1: i64 = 0;
  let s2: i64 = 0;
  let s3: i64 = 0;
  let s4: i64 = 0;
  let s5: i64 = 0;
  let s6: i64 = 0;
  let s7: i64 = 0;
  let s8: i64 = 0;
  for (let row = 0; row < rows; row++) {
    const mask = bitMask(firstBit + row);
    const g = GADGET + row * INTEGER;
    const a = load<i64>(g) & mask;
    const b = load<i64>(g, 8) & mask;
    const c = load<i64>(g, 16) & mask;
    const d = load<i64>(g, 24) & mask;
    s0 += limb0(a);
    s1 += limb1(a);
    s2 += limb2(a, b);
    s3 += limb3(b);
    s4 += limb4(b, c);
    s5 += limb5(c);
    s6 += limb6(c, d);
    s7 += limb7(d);
    s8 += limb8(d);
  }
  storeCanonical(PRODUCTS, s0, s1, s2, s3, s4, s5, s6, s7, s8);
}

/** Limbs of the packed integer at `g` as 32-bit words at SCRATCH. */
function storeGadgetLimbs(g: i32): void {
  const a = load<i64>(g);
  const b = load<i64>(g, 8);
  const c = load<i64>(g, 16);
  const d = load<i64>(g, 24);
  store<i32>(SCRATCH, i32(limb0(a)));
  store<i32>(SCRATCH, i32(limb1(a)), 4);
  store<i32>(SCRATCH, i32(limb2(a, b)), 8);
  store<i32>(SCRATCH, i32(limb3(b)), 12);
  store<i32>(SCRATCH, i32(limb4(b, c)), 16);
  store<i32>(SCRATCH, i32(limb5(c)), 20);
  store<i32>(SCRATCH, i32(limb6(c, d)), 24);
  store<i32>(SCRATCH, i32(limb7(d)), 28);
  store<i32>(SCRATCH, i32(limb8(d)), 32);
}

/** Writes the limbs of value * 2^(29i) mod q for i = 0..8; a table has room for two values, the second 4 bytes behind. */
function writeMultiples(value: i32, table: i32): void {
  memory.copy(SCRATCH, value, INTEGER);
  for (let i = 0; i < LIMBS; i++) {
    const a = load<i64>(SCRATCH);
    const b = load<i64>(SCRATCH, 8);
    const c = load<i64>(SCRATCH, 16);
    const d = load<i64>(SCRATCH, 24);
    store<i32>(multipleAt(table, i, 0), i32(limb0(a)));
    store<i32>(multipleAt(table, i, 1), i32(limb1(a)));
    store<i32>(multipleAt(table, i, 2), i32(limb2(a, b)));
    store<i32>(multipleAt(table, i, 3), i32(limb3(b)));
    store<i32>(multipleAt(table, i, 4), i32(limb4(b, c)));
    store<i32>(multipleAt(table, i, 5), i32(limb5(c)));
    store<i32>(multipleAt(table, i, 6), i32(limb6(c, d)));
    store<i32>(multipleAt(table, i, 7), i32(limb7(d)));
    store<i32>(multipleAt(table, i, 8), i32(limb8(d)));
    storeCanonical(
      SCRATCH,
      limb0(a) << LIMB_BITS,
      limb1(a) << LIMB_BITS,
      limb2(a, b) << LIMB_BITS,
      limb3(b) << LIMB_BITS,
      limb4(b, c) << LIMB_BITS,
      limb5(c) << LIMB_BITS,
      limb6(c, d) << LIMB_BITS,
      limb7(d) << LIMB_BITS,
      limb8(d) << LIMB_BITS,
    );
  }
}

/** Address of limb k of multiple i: multiples 2m and 2m + 1 share nine vectors, as limbs 2m and 2m + 1 of x share one. */
function multipleAt(table: i32, i: i32, k: i32): i32 {
  return table + VECTOR * (LIMBS * (i >> 1) + k) + 8 * (i & 1);
}

function addLow(sum: v128, x: v128, y: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_low_i32x4_u(x, y));
}

function addHigh(sum: v128, x: v128, y: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_high_i32x4_u(x, y));
}

function addBoth(sum: v128, x: v128, y: v128): v128 {
  return addHigh(addLow(sum, x, y), x, y);
}

/** The sum of both lanes. */
function total(sums: v128): i64 {
  return i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
}
