// The first step of both sides: from hashed columns to the rows x that the check column and the inner products read
// (specification sections 6.2 and 6.4). Leaves the limbs of x_1 and x_2 in PAIRS and those of x_3 in CHECKS. Two integers
// are handled at once: x_1 and x_2 of a row, x_3 of two rows. Where the number of rows is odd, one x_3 more is computed.
import {
  ATILDE,
  BETA,
  BLOCK,
  BLOCKS,
  CHECK_ROW,
  CHECKS,
  COLUMNS,
  INPUTS,
  INTEGER,
  PAIRS,
  PAIRS_ROW,
  ROW,
  SCRATCH,
} from './layout';
import { LIMBS, VECTOR } from './multiples';
import {
  firstOf,
  lowBits,
  pairLimb0,
  pairLimb1,
  pairLimb2,
  pairLimb3,
  pairLimb4,
  pairLimb5,
  pairLimb6,
  pairLimb7,
  pairLimb8,
  secondOf,
  storeBothCanonical,
  withCarry,
} from './vector-limbs';

const THIRD: i32 = 2 * INTEGER;
/** What blind adds, as nine vectors of limbs: for x_1 and x_2 of a row, and for x_3 of two rows. */
const PAIR_ADDENDS: i32 = SCRATCH;
const THIRD_ADDENDS: i32 = SCRATCH + LIMBS * VECTOR;

/**
 * The sender: x = alpha0 and ATILDE = alpha0 - alpha1 + a mod q, canonical. alpha is the second encryption, in BLOCKS,
 * plus the first, in COLUMNS, where the halves of both are alpha0 and alpha1; a_1, a_2, a_3 are in INPUTS.
 */
export function blind(rows: i32): void {
  writeAddends(PAIR_ADDENDS, INPUTS, INPUTS + INTEGER);
  writeAddends(THIRD_ADDENDS, INPUTS + THIRD, INPUTS + THIRD);
  for (let b = 0; b < rows; b++) {
    const x = BLOCKS + b * ROW;
    const out = ATILDE + b * ROW;
    blindBoth(rows, b, b, x, x + INTEGER, PAIR_ADDENDS, out, out + INTEGER, PAIRS + b * PAIRS_ROW, true);
  }
  for (let b = 0; b < rows; b += 2) {
    const x = BLOCKS + b * ROW + THIRD;
    const out = ATILDE + b * ROW + THIRD;
    blindBoth(rows, b, b + 1, x, x + ROW, THIRD_ADDENDS, out, out + ROW, CHECKS + b * CHECK_ROW, false);
  }
}

/** Packs x - y + addend mod q of an integer x of row `b` and one of row `c`, and stores the limbs of both x. */
function blindBoth(
  rows: i32,
  b: i32,
  c: i32,
  x: i32,
  other: i32,
  addends: i32,
  out: i32,
  otherOut: i32,
  limbs: i32,
  arePaired: bool,
): void {
  const column = COLUMNS + b * BLOCK;
  const otherColumn = COLUMNS + c * BLOCK;
  const u = v128.load(column);
  const v = v128.load(otherColumn);
  const xab = v128.xor(v128.load(x), u);
  const xab2 = v128.xor(v128.load(other), v);
  const xcd = v128.xor(v128.load(x, 16), u);
  const xcd2 = v128.xor(v128.load(other, 16), v);
  const xa = firstOf(xab, xab2);
  const xb = secondOf(xab, xab2);
  const xc = firstOf(xcd, xcd2);
  const xd = secondOf(xcd, xcd2);
  const x0 = pairLimb0(xa);
  const x1 = pairLimb1(xa);
  const x2 = pairLimb2(xa, xb);
  const x3 = pairLimb3(xb);
  const x4 = pairLimb4(xb, xc);
  const x5 = pairLimb5(xc);
  const x6 = pairLimb6(xc, xd);
  const x7 = pairLimb7(xd);
  const x8 = pairLimb8(xd);
  if (arePaired) storePaired(limbs, x0, x1, x2, x3, x4, x5, x6, x7, x8);
  else storeVectors(limbs, x0, x1, x2, x3, x4, x5, x6, x7, x8);

  const shifted = rows * BLOCK;
  const half = rows * ROW;
  const w = v128.load(column + shifted);
  const z = v128.load(otherColumn + shifted);
  const yab = v128.xor(v128.load(x + half), w);
  const yab2 = v128.xor(v128.load(other + half), z);
  const ycd = v128.xor(v128.load(x + half, 16), w);
  const ycd2 = v128.xor(v128.load(other + half, 16), z);
  const ya = firstOf(yab, yab2);
  const yb = secondOf(yab, yab2);
  const yc = firstOf(ycd, ycd2);
  const yd = secondOf(ycd, ycd2);
  storeBothCanonical(
    out,
    otherOut,
    i64x2.sub(i64x2.add(x0, v128.load(addends, 0)), pairLimb0(ya)),
    i64x2.sub(i64x2.add(x1, v128.load(addends, 16)), pairLimb1(ya)),
    i64x2.sub(i64x2.add(x2, v128.load(addends, 32)), pairLimb2(ya, yb)),
    i64x2.sub(i64x2.add(x3, v128.load(addends, 48)), pairLimb3(yb)),
    i64x2.sub(i64x2.add(x4, v128.load(addends, 64)), pairLimb4(yb, yc)),
    i64x2.sub(i64x2.add(x5, v128.load(addends, 80)), pairLimb5(yc)),
    i64x2.sub(i64x2.add(x6, v128.load(addends, 96)), pairLimb6(yc, yd)),
    i64x2.sub(i64x2.add(x7, v128.load(addends, 112)), pairLimb7(yd)),
    i64x2.sub(i64x2.add(x8, v128.load(addends, 128)), pairLimb8(yd)),
  );
}

/** Limbs of two addends, plus those of 4q, spread so that limbs minus limbs stay positive. */
function writeAddends(at: i32, first: i32, second: i32): void {
  const aab = v128.load(first);
  const aab2 = v128.load(second);
  const acd = v128.load(first, 16);
  const acd2 = v128.load(second, 16);
  const aa = firstOf(aab, aab2);
  const ab = secondOf(aab, aab2);
  const ac = firstOf(acd, acd2);
  const ad = secondOf(acd, acd2);
  v128.store(at, i64x2.add(pairLimb0(aa), i64x2(0x40d90504, 0x40d90504)));
  v128.store(at, i64x2.add(pairLimb1(aa), i64x2(0x5a4bd198, 0x5a4bd198)), 16);
  v128.store(at, i64x2.add(pairLimb2(aa, ab), i64x2(0x48a03bbd, 0x48a03bbd)), 32);
  v128.store(at, i64x2.add(pairLimb3(ab), i64x2(0x56e73578, 0x56e73578)), 48);
  v128.store(at, i64x2.add(pairLimb4(ab, ac), i64x2(0x5fffaea9, 0x5fffaea9)), 64);
  v128.store(at, i64x2.add(pairLimb5(ac), i64x2(0x5ffffffd, 0x5ffffffd)), 80);
  v128.store(at, i64x2.add(pairLimb6(ac, ad), i64x2(0x5ffffffd, 0x5ffffffd)), 96);
  v128.store(at, i64x2.add(pairLimb7(ad), i64x2(0x5ffffffd, 0x5ffffffd)), 112);
  v128.store(at, i64x2.add(pairLimb8(ad), i64x2(0x3fffffd, 0x3fffffd)), 128);
}

/**
 * The receiver: x = v + beta_b * (atilde_b, and -eta in the third column), with v the second encryption, in BLOCKS, plus
 * the first, in COLUMNS, ATILDE canonical, q - eta in the third place of INPUTS, and the bit of the first row at index
 * `firstBit` of BETA.
 */
export function unblind(rows: i32, firstBit: i32): void {
  for (let b = 0; b < rows; b++) {
    unblindPair(b, i64x2.splat(bitMask(firstBit + b)));
  }
  for (let b = 0; b < rows; b += 2) {
    const masks = i64x2.replace_lane(i64x2.splat(bitMask(firstBit + b)), 1, bitMask(firstBit + b + 1));
    unblindThirds(b, masks);
  }
}

/** 0 or -1 (all ones), by bit `index` of BETA. */
export function bitMask(index: i32): i64 {
  return -i64((load<u8>(BETA + (index >> 3)) >> u8(index & 7)) & 1);
}

/** Stores limbs of v + (t and mask), carried: the products of an inner product need limbs of 29 bits. */
function unblindPair(b: i32, mask: v128): void {
  const x = BLOCKS + b * ROW;
  const other = x + INTEGER;
  const u = v128.load(COLUMNS + b * BLOCK);
  const v = u;
  const xab = v128.xor(v128.load(x), u);
  const xab2 = v128.xor(v128.load(other), v);
  const xcd = v128.xor(v128.load(x, 16), u);
  const xcd2 = v128.xor(v128.load(other, 16), v);
  const xa = firstOf(xab, xab2);
  const xb = secondOf(xab, xab2);
  const xc = firstOf(xcd, xcd2);
  const xd = secondOf(xcd, xcd2);
  const t = ATILDE + b * ROW;
  const otherT = t + INTEGER;
  const tab = v128.load(t);
  const tab2 = v128.load(otherT);
  const tcd = v128.load(t, 16);
  const tcd2 = v128.load(otherT, 16);
  const ta = v128.and(firstOf(tab, tab2), mask);
  const tb = v128.and(secondOf(tab, tab2), mask);
  const tc = v128.and(firstOf(tcd, tcd2), mask);
  const td = v128.and(secondOf(tcd, tcd2), mask);
  const x0 = i64x2.add(pairLimb0(xa), pairLimb0(ta));
  const x1 = withCarry(i64x2.add(pairLimb1(xa), pairLimb1(ta)), x0);
  const x2 = withCarry(i64x2.add(pairLimb2(xa, xb), pairLimb2(ta, tb)), x1);
  const x3 = withCarry(i64x2.add(pairLimb3(xb), pairLimb3(tb)), x2);
  const x4 = withCarry(i64x2.add(pairLimb4(xb, xc), pairLimb4(tb, tc)), x3);
  const x5 = withCarry(i64x2.add(pairLimb5(xc), pairLimb5(tc)), x4);
  const x6 = withCarry(i64x2.add(pairLimb6(xc, xd), pairLimb6(tc, td)), x5);
  const x7 = withCarry(i64x2.add(pairLimb7(xd), pairLimb7(td)), x6);
  const x8 = withCarry(i64x2.add(pairLimb8(xd), pairLimb8(td)), x7);
  storePaired(
    PAIRS + b * PAIRS_ROW,
    lowBits(x0),
    lowBits(x1),
    lowBits(x2),
    lowBits(x3),
    lowBits(x4),
    lowBits(x5),
    lowBits(x6),
    lowBits(x7),
    x8,
  );
}

/** Stores limbs of v + ((t - eta) and mask) of two rows, not carried: the check column only adds them. */
function unblindThirds(b: i32, mask: v128): void {
  const x = BLOCKS + b * ROW + THIRD;
  const other = x + ROW;
  const u = v128.load(COLUMNS + b * BLOCK);
  const v = v128.load(COLUMNS + b * BLOCK, 16);
  const xab = v128.xor(v128.load(x), u);
  const xab2 = v128.xor(v128.load(other), v);
  const xcd = v128.xor(v128.load(x, 16), u);
  const xcd2 = v128.xor(v128.load(other, 16), v);
  const xa = firstOf(xab, xab2);
  const xb = secondOf(xab, xab2);
  const xc = firstOf(xcd, xcd2);
  const xd = secondOf(xcd, xcd2);
  const t = ATILDE + b * ROW + THIRD;
  const otherT = t + ROW;
  const tab = v128.load(t);
  const tab2 = v128.load(otherT);
  const tcd = v128.load(t, 16);
  const tcd2 = v128.load(otherT, 16);
  const ta = v128.and(firstOf(tab, tab2), mask);
  const tb = v128.and(secondOf(tab, tab2), mask);
  const tc = v128.and(firstOf(tcd, tcd2), mask);
  const td = v128.and(secondOf(tcd, tcd2), mask);
  const minusEta = INPUTS + THIRD;
  const ea = v128.and(v128.load64_splat(minusEta), mask);
  const eb = v128.and(v128.load64_splat(minusEta, 8), mask);
  const ec = v128.and(v128.load64_splat(minusEta, 16), mask);
  const ed = v128.and(v128.load64_splat(minusEta, 24), mask);
  storeVectors(
    CHECKS + b * CHECK_ROW,
    i64x2.add(i64x2.add(pairLimb0(xa), pairLimb0(ta)), pairLimb0(ea)),
    i64x2.add(i64x2.add(pairLimb1(xa), pairLimb1(ta)), pairLimb1(ea)),
    i64x2.add(i64x2.add(pairLimb2(xa, xb), pairLimb2(ta, tb)), pairLimb2(ea, eb)),
    i64x2.add(i64x2.add(pairLimb3(xb), pairLimb3(tb)), pairLimb3(eb)),
    i64x2.add(i64x2.add(pairLimb4(xb, xc), pairLimb4(tb, tc)), pairLimb4(eb, ec)),
    i64x2.add(i64x2.add(pairLimb5(xc), pairLimb5(tc)), pairLimb5(ec)),
    i64x2.add(i64x2.add(pairLimb6(xc, xd), pairLimb6(tc, td)), pairLimb6(ec, ed)),
    i64x2.add(i64x2.add(pairLimb7(xd), pairLimb7(td)), pairLimb7(ed)),
    i64x2.add(i64x2.add(pairLimb8(xd), pairLimb8(td)), pairLimb8(ed)),
  );
}

/** Stores limbs of x_1 and x_2 of one row as the products read them: limbs k of both beside limbs k + 1. */
function storePaired(
  at: i32,
  l0: v128,
  l1: v128,
  l2: v128,
  l3: v128,
  l4: v128,
  l5: v128,
  l6: v128,
  l7: v128,
  l8: v128,
): void {
  v128.store(at, v128.shuffle<i32>(l0, l1, 0, 2, 4, 6));
  v128.store(at, v128.shuffle<i32>(l2, l3, 0, 2, 4, 6), 16);
  v128.store(at, v128.shuffle<i32>(l4, l5, 0, 2, 4, 6), 32);
  v128.store(at, v128.shuffle<i32>(l6, l7, 0, 2, 4, 6), 48);
  v128.store(at, v128.shuffle<i32>(l8, i64x2.splat(0), 0, 2, 4, 6), 64);
}

/** Stores nine vectors. */
function storeVectors(
  at: i32,
  l0: v128,
  l1: v128,
  l2: v128,
  l3: v128,
  l4: v128,
  l5: v128,
  l6: v128,
  l7: v128,
  l8: v128,
): void {
  v128.store(at, l0);
  v128.store(at, l1, 16);
  v128.store(at, l2, 32);
  v128.store(at, l3, 48);
  v128.store(at, l4, 64);
  v128.store(at, l5, 80);
  v128.store(at, l6, 96);
  v128.store(at, l7, 112);
  v128.store(at, l8, 128);
}
