// The sums over the gadget: inner products with the rows, and chi (specification sections 6.1, 6.3 and 6.4).
import { ACCUMULATORS, FOLDS, GADGET, INTEGER, PAIRS, PAIRS_ROW, PRODUCTS, SCRATCH } from './layout';
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
import { addHigh, addLow, LIMBS, multipleAt, VECTOR, writeMultiples } from './multiples';
import { bitMask } from './rows';

/** Columns of an inner product: limbs 0 to 16 of the products, and their carry. */
const ACCUMULATOR_COLUMNS: i32 = 18;
/** A column of one row is below 2^61.2: after this many rows the carries must be taken, before 2^64. */
const ROWS_PER_CARRY: i32 = 4;

/** 2^261 mod q = 2^5 * C, packed. */
const FOLD_A: i64 = 0x05b42e65f937d7e0;
const FOLD_B: i64 = 0xaa24632a16ebf888;
const FOLD_C: i64 = 0x28;

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
