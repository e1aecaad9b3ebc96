// What the check column and the inner products share: tables of multiples of a value, and products of limbs in both 64-bit
// lanes of a vector, one for x_1 and one for x_2.
import { INTEGER, SCRATCH } from './layout';
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
  storeCanonical,
} from './limbs';

export const LIMBS: i32 = 9;
export const VECTOR: i32 = 16;

/** Writes the limbs of value * 2^(29i) mod q for i = 0..8; a table has room for two values, the second 4 bytes behind. */
export function writeMultiples(value: i32, table: i32): void {
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
export function multipleAt(table: i32, i: i32, k: i32): i32 {
  return table + VECTOR * (LIMBS * (i >> 1) + k) + 8 * (i & 1);
}

export function addLow(sum: v128, x: v128, y: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_low_i32x4_u(x, y));
}

export function addHigh(sum: v128, x: v128, y: v128): v128 {
  return i64x2.add(sum, i64x2.extmul_high_i32x4_u(x, y));
}
