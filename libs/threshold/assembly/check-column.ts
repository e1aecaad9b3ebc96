// The check column (specification sections 6.3 and 6.4).
import { storeHex } from './hex';
import { CHECK_ROW, CHECKS, HEX, INTEGER, MULTIPLES, PAIRS, PAIRS_ROW, SCRATCH, THETAS } from './layout';
import { addHigh, addLow, LIMBS, VECTOR, writeMultiples } from './multiples';
import { firstOf, secondOf, storeBothCanonical } from './vector-limbs';

/** Nine sums of a row, of both lanes each. */
const SUMS_OF_ROW: i32 = SCRATCH + 2 * INTEGER;
const SUMS_OF_NEXT_ROW: i32 = SUMS_OF_ROW + LIMBS * VECTOR;

/**
 * HEX = x_3 + theta_1 * x_1 + theta_2 * x_2 mod q of every row, canonical, as 64 lowercase hexadecimal digits.
 *
 * theta * x is the sum over the limbs of x_i * (theta * 2^(29i) mod q): with those multiples in a table, a product has
 * nine columns only and hardly anything above bit 255.
 */
export function checkColumn(rows: i32): void {
  writeMultiples(THETAS, MULTIPLES);
  writeMultiples(THETAS + INTEGER, MULTIPLES + 4);
  for (let b = 0; b < rows; b += 2) {
    sumRow(PAIRS + b * PAIRS_ROW, SUMS_OF_ROW);
    sumRow(PAIRS + (b + 1) * PAIRS_ROW, SUMS_OF_NEXT_ROW);
    storeSums(CHECKS + b * CHECK_ROW);
    storeHex(HEX + b * 2 * INTEGER, SCRATCH);
    storeHex(HEX + (b + 1) * 2 * INTEGER, SCRATCH + INTEGER);
  }
}

/** theta_1 * x_1 + theta_2 * x_2 of one row, in both lanes of nine sums. */
function sumRow(pairs: i32, sums: i32): void {
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
  v128.store(sums, addLow(s0, last, v128.load(table)));
  v128.store(sums, addLow(s1, last, v128.load(table, 16)), 16);
  v128.store(sums, addLow(s2, last, v128.load(table, 32)), 32);
  v128.store(sums, addLow(s3, last, v128.load(table, 48)), 48);
  v128.store(sums, addLow(s4, last, v128.load(table, 64)), 64);
  v128.store(sums, addLow(s5, last, v128.load(table, 80)), 80);
  v128.store(sums, addLow(s6, last, v128.load(table, 96)), 96);
  v128.store(sums, addLow(s7, last, v128.load(table, 112)), 112);
  v128.store(sums, addLow(s8, last, v128.load(table, 128)), 128);
}

/** Packs x_3 and the sums of two rows at SCRATCH. */
function storeSums(thirds: i32): void {
  storeBothCanonical(
    SCRATCH,
    SCRATCH + INTEGER,
    total(thirds, 0),
    total(thirds, 16),
    total(thirds, 32),
    total(thirds, 48),
    total(thirds, 64),
    total(thirds, 80),
    total(thirds, 96),
    total(thirds, 112),
    total(thirds, 128),
  );
}

function addBoth(sum: v128, x: v128, y: v128): v128 {
  return addHigh(addLow(sum, x, y), x, y);
}

/** Limb k of x_3 of both rows, plus both lanes of their sums k. */
function total(thirds: i32, k: i32): v128 {
  const sums = v128.load(SUMS_OF_ROW + k);
  const next = v128.load(SUMS_OF_NEXT_ROW + k);
  return i64x2.add(v128.load(thirds + k), i64x2.add(firstOf(sums, next), secondOf(sums, next)));
}
