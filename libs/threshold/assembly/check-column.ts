// The check column (specification sections 6.3 and 6.4).
import { storeHex } from './hex';
import { CHECK_ROW, CHECKS, HEX, INTEGER, MULTIPLES, PAIRS, PAIRS_ROW, SCRATCH, THETAS } from './layout';
import { storeCanonical } from './limbs';
import { addHigh, addLow, LIMBS, VECTOR, writeMultiples } from './multiples';

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

function addBoth(sum: v128, x: v128, y: v128): v128 {
  return addHigh(addLow(sum, x, y), x, y);
}

/** The sum of both lanes. */
function total(sums: v128): i64 {
  return i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
}
