// Multiples of the base point: one addition per window of six bits, of a point that is looked up by reading all of its row.
import {
  BASE_ENTRY,
  BASE_MULTIPLES,
  BASE_TABLE,
  BASE_WINDOWS,
  CURVE_POINTS,
  DIGITS,
  ELEMENT,
  JACOBIANS,
  POINT,
} from './layout';
import { AFTER_AFFINE, storeAffine } from './affine';
import { loadLane, loadPair } from './encoding';
import { negateWhere } from './field';
import { addAffine, copyPoint, double, fromAffine } from './points';
import { recodeForBase } from './scalars';

const X2: i32 = AFTER_AFFINE;
const Y2: i32 = X2 + ELEMENT;
/** A window v stands for the digit 2v - 63: the uppermost bit says that it is positive. */
const WINDOW_BITS: i32 = 6;

/**
 * CURVE_POINTS = the multiples of the base point by CURVE_SCALARS, in [1, q), for 2 * `pairs` of them.
 *
 * @returns whether all have coordinates: not for one multiplier only, whose last addition would be a doubling
 */
export function multiplyBase(pairs: i32): bool {
  for (let k = 0; k < pairs; k++) {
    recodeForBase(2 * k);
    const sum = JACOBIANS + k * POINT;
    lookUp(0);
    fromAffine(sum, X2, Y2);
    for (let i = 1; i < BASE_WINDOWS; i++) {
      lookUp(i);
      addAffine(sum, X2, Y2);
    }
  }
  return storeAffine(pairs);
}

/** X2, Y2 = the digits of window i times 2^(6i) * G: of each lane its own row entry, negated where the digit is. */
function lookUp(i: i32): void {
  const digit0 = i32(load<u8>(DIGITS + 2 * i));
  const digit1 = i32(load<u8>(DIGITS + 2 * i + 1));
  const negative0 = (digit0 >> (WINDOW_BITS - 1)) - 1;
  const negative1 = (digit1 >> (WINDOW_BITS - 1)) - 1;
  const wanted0 = i32x4.splat((digit0 ^ negative0) & (BASE_MULTIPLES - 1));
  const wanted1 = i32x4.splat((digit1 ^ negative1) & (BASE_MULTIPLES - 1));
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let b4 = a0;
  let entry = BASE_TABLE + i * BASE_MULTIPLES * BASE_ENTRY;
  for (let m = 0; m < BASE_MULTIPLES; m++, entry += BASE_ENTRY) {
    const isFirst = i32x4.eq(i32x4.splat(m), wanted0);
    const isSecond = i32x4.eq(i32x4.splat(m), wanted1);
    const e0 = v128.load(entry);
    const e1 = v128.load(entry, 16);
    const e2 = v128.load(entry, 32);
    const e3 = v128.load(entry, 48);
    const e4 = v128.load(entry, 64);
    a0 = v128.or(a0, v128.and(e0, isFirst));
    b0 = v128.or(b0, v128.and(e0, isSecond));
    a1 = v128.or(a1, v128.and(e1, isFirst));
    b1 = v128.or(b1, v128.and(e1, isSecond));
    a2 = v128.or(a2, v128.and(e2, isFirst));
    b2 = v128.or(b2, v128.and(e2, isSecond));
    a3 = v128.or(a3, v128.and(e3, isFirst));
    b3 = v128.or(b3, v128.and(e3, isSecond));
    a4 = v128.or(a4, v128.and(e4, isFirst));
    b4 = v128.or(b4, v128.and(e4, isSecond));
  }
  storeLow(X2, a0, b0);
  storeHigh(X2 + 16, a0, b0);
  storeLow(X2 + 32, a1, b1);
  storeHigh(X2 + 48, a1, b1);
  storeLow(X2 + 64, a2, b2);
  storeHigh(Y2, a2, b2);
  storeLow(Y2 + 16, a3, b3);
  storeHigh(Y2 + 32, a3, b3);
  storeLow(Y2 + 48, a4, b4);
  storeHigh(Y2 + 64, a4, b4);
  negateWhere(Y2, Y2, i32x4(negative0, negative1, negative0, negative1));
}

/** The first two limbs of both lanes as a vector of an element. */
function storeLow(at: i32, a: v128, b: v128): void {
  v128.store(at, v128.shuffle<i32>(a, b, 0, 4, 1, 5));
}
/** The last two limbs. */
function storeHigh(at: i32, a: v128, b: v128): void {
  v128.store(at, v128.shuffle<i32>(a, b, 2, 6, 3, 7));
}

// --- the table

/** Rows of the table are made in pairs. */
const ROWS: i32 = BASE_WINDOWS + 1;
/** 2^(6i) * G and then 2^(6i + 1) * G for each row i, twice each as both lanes have them. */
const ROW_POINTS: i32 = JACOBIANS + 64 * POINT;
const TWICE: i32 = 128;

/** Fills BASE_TABLE. Public; everything that multiplies the base point needs it. */
export function makeBaseTable(): void {
  storeGenerator(CURVE_POINTS);
  loadPair(X2, CURVE_POINTS, 0);
  loadPair(Y2, CURVE_POINTS + 32, 0);
  const point = JACOBIANS + 2 * ROWS * POINT;
  fromAffine(point, X2, Y2);
  for (let i = 0; i < ROWS; i++) {
    copyPoint(JACOBIANS + i * POINT, point);
    double(point);
    copyPoint(JACOBIANS + (ROWS + i) * POINT, point);
    for (let k = 1; k < WINDOW_BITS; k++) double(point);
  }
  storeAffine(2 * ROWS);
  memory.copy(ROW_POINTS, CURVE_POINTS, 2 * ROWS * TWICE);
  for (let i = 0; i < ROWS; i += 2) makeRows(i);
}

/** The odd multiples of rows i and i + 1. */
function makeRows(i: i32): void {
  const doubled = ROW_POINTS + (ROWS + i) * TWICE;
  loadPair(X2, ROW_POINTS + i * TWICE, TWICE);
  loadPair(Y2, ROW_POINTS + i * TWICE + 32, TWICE);
  fromAffine(JACOBIANS, X2, Y2);
  loadPair(X2, doubled, TWICE);
  loadPair(Y2, doubled + 32, TWICE);
  for (let m = 1; m < BASE_MULTIPLES; m++) {
    const next = JACOBIANS + m * POINT;
    copyPoint(next, next - POINT);
    addAffine(next, X2, Y2);
  }
  storeAffine(BASE_MULTIPLES);
  for (let m = 0; m < BASE_MULTIPLES; m++) {
    storeEntry(i, m, CURVE_POINTS + 128 * m);
    if (i + 1 < BASE_WINDOWS) storeEntry(i + 1, m, CURVE_POINTS + 128 * m + 64);
  }
}

function storeEntry(row: i32, m: i32, bytes: i32): void {
  const entry = BASE_TABLE + (row * BASE_MULTIPLES + m) * BASE_ENTRY;
  loadLane(X2, 0, bytes);
  loadLane(Y2, 0, bytes + 32);
  for (let k = 0; k < BASE_ENTRY / 2; k += 4) {
    store<u32>(entry + k, load<u32>(X2 + 2 * k));
    store<u32>(entry + BASE_ENTRY / 2 + k, load<u32>(Y2 + 2 * k));
  }
}

/** G as x || y (SEC 2, section 2.4.1). */
function storeGenerator(at: i32): void {
  store<u64>(at, bswap<u64>(0x79be667ef9dcbbac));
  store<u64>(at, bswap<u64>(0x55a06295ce870b07), 8);
  store<u64>(at, bswap<u64>(0x029bfcdb2dce28d9), 16);
  store<u64>(at, bswap<u64>(0x59f2815b16f81798), 24);
  store<u64>(at, bswap<u64>(0x483ada7726a3c465), 32);
  store<u64>(at, bswap<u64>(0x5da4fbfc0e1108a8), 40);
  store<u64>(at, bswap<u64>(0xfd17b448a6855419), 48);
  store<u64>(at, bswap<u64>(0x9c47d08ffb10d4b8), 56);
}
