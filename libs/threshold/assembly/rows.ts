// The first step of both sides: from hashed columns to the rows x that the check column and the inner products read
// (specification sections 6.2 and 6.4). Leaves the limbs of x_1 and x_2 in PAIRS and those of x_3 in CHECKS.
import { foldBack } from './correlation-hash';
import { ATILDE, BETA, BLOCKS, CHECK_ROW, CHECKS, INPUTS, INTEGER, PAIRS, PAIRS_ROW, ROW } from './layout';
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

/** Limbs of x_1 stand between those of x_2; limbs of x_3 are as far apart. */
const LIMB_STEP: i32 = 8;
const SECOND: i32 = 4;

/** 2q in limbs: keeps a difference of two 256-bit integers positive. */
const TWO_Q0: i64 = 0x6c8282;
const TWO_Q1: i64 = 0x1d25e8cd;
const TWO_Q2: i64 = 0x4501ddf;
const TWO_Q3: i64 = 0x1b739abd;
const TWO_Q4: i64 = 0x1fffd755;
const TWO_Q5: i64 = 0x1fffffff;
const TWO_Q8: i64 = 0x1ffffff;

/**
 * The sender: x = alpha0 and ATILDE = alpha0 - alpha1 + a mod q, canonical, with alpha0 and alpha1 the halves of BLOCKS
 * and a_1, a_2, a_3 in INPUTS.
 */
export function blind(rows: i32): void {
  foldBack(rows, 0);
  foldBack(rows, 1);
  let x = BLOCKS;
  let y = BLOCKS + rows * ROW;
  let out = ATILDE;
  let pairs = PAIRS;
  let checks = CHECKS;
  for (let b = 0; b < rows; b++) {
    blindOne(x, y, INPUTS, out, pairs);
    blindOne(x + INTEGER, y + INTEGER, INPUTS + INTEGER, out + INTEGER, pairs + SECOND);
    blindOne(x + 2 * INTEGER, y + 2 * INTEGER, INPUTS + 2 * INTEGER, out + 2 * INTEGER, checks);
    x += ROW;
    y += ROW;
    out += ROW;
    pairs += PAIRS_ROW;
    checks += CHECK_ROW;
  }
}

/** Packs x - y + addend mod q at `out`, canonical, and stores the limbs of x. */
function blindOne(x: i32, y: i32, addend: i32, out: i32, limbs: i32): void {
  const xa = load<i64>(x);
  const xb = load<i64>(x, 8);
  const xc = load<i64>(x, 16);
  const xd = load<i64>(x, 24);
  const x0 = limb0(xa);
  const x1 = limb1(xa);
  const x2 = limb2(xa, xb);
  const x3 = limb3(xb);
  const x4 = limb4(xb, xc);
  const x5 = limb5(xc);
  const x6 = limb6(xc, xd);
  const x7 = limb7(xd);
  const x8 = limb8(xd);
  storeLimbs(limbs, x0, x1, x2, x3, x4, x5, x6, x7, x8);

  const ya = load<i64>(y);
  const yb = load<i64>(y, 8);
  const yc = load<i64>(y, 16);
  const yd = load<i64>(y, 24);
  const a = load<i64>(addend);
  const b = load<i64>(addend, 8);
  const c = load<i64>(addend, 16);
  const d = load<i64>(addend, 24);
  storeCanonical(
    out,
    x0 - limb0(ya) + limb0(a) + TWO_Q0,
    x1 - limb1(ya) + limb1(a) + TWO_Q1,
    x2 - limb2(ya, yb) + limb2(a, b) + TWO_Q2,
    x3 - limb3(yb) + limb3(b) + TWO_Q3,
    x4 - limb4(yb, yc) + limb4(b, c) + TWO_Q4,
    x5 - limb5(yc) + limb5(c) + TWO_Q5,
    x6 - limb6(yc, yd) + limb6(c, d) + TWO_Q5,
    x7 - limb7(yd) + limb7(d) + TWO_Q5,
    x8 - limb8(yd) + limb8(d) + TWO_Q8,
  );
}

/**
 * The receiver: x = v + beta_b * (atilde_b, and -eta in the third column), with v in the first half of BLOCKS, ATILDE
 * canonical, q - eta in the third place of INPUTS, and the bit of the first row at index `firstBit` of BETA.
 */
export function unblind(rows: i32, firstBit: i32): void {
  foldBack(rows, 0);
  let v = BLOCKS;
  let at = ATILDE;
  let pairs = PAIRS;
  let checks = CHECKS;
  for (let b = 0; b < rows; b++) {
    const mask = bitMask(firstBit + b);
    unblindOne(v, at, mask, pairs);
    unblindOne(v + INTEGER, at + INTEGER, mask, pairs + SECOND);
    unblindThird(v + 2 * INTEGER, at + 2 * INTEGER, mask, checks);
    v += ROW;
    at += ROW;
    pairs += PAIRS_ROW;
    checks += CHECK_ROW;
  }
}

/** 0 or -1 (all ones), by bit `index` of BETA. */
export function bitMask(index: i32): i64 {
  return -i64((load<u8>(BETA + (index >> 3)) >> u8(index & 7)) & 1);
}

/** Stores limbs of v + (t and mask), carried: the products of an inner product need limbs of 29 bits. */
function unblindOne(v: i32, t: i32, mask: i64, limbs: i32): void {
  const va = load<i64>(v);
  const vb = load<i64>(v, 8);
  const vc = load<i64>(v, 16);
  const vd = load<i64>(v, 24);
  const ta = load<i64>(t) & mask;
  const tb = load<i64>(t, 8) & mask;
  const tc = load<i64>(t, 16) & mask;
  const td = load<i64>(t, 24) & mask;
  const x0 = limb0(va) + limb0(ta);
  const x1 = limb1(va) + limb1(ta) + (x0 >> LIMB_BITS);
  const x2 = limb2(va, vb) + limb2(ta, tb) + (x1 >> LIMB_BITS);
  const x3 = limb3(vb) + limb3(tb) + (x2 >> LIMB_BITS);
  const x4 = limb4(vb, vc) + limb4(tb, tc) + (x3 >> LIMB_BITS);
  const x5 = limb5(vc) + limb5(tc) + (x4 >> LIMB_BITS);
  const x6 = limb6(vc, vd) + limb6(tc, td) + (x5 >> LIMB_BITS);
  const x7 = limb7(vd) + limb7(td) + (x6 >> LIMB_BITS);
  const x8 = limb8(vd) + limb8(td) + (x7 >> LIMB_BITS);
  storeLimbs(
    limbs,
    x0 & LIMB_MASK,
    x1 & LIMB_MASK,
    x2 & LIMB_MASK,
    x3 & LIMB_MASK,
    x4 & LIMB_MASK,
    x5 & LIMB_MASK,
    x6 & LIMB_MASK,
    x7 & LIMB_MASK,
    x8,
  );
}

/** Stores limbs of v + ((t - eta) and mask), not carried: the check column only adds them. */
function unblindThird(v: i32, t: i32, mask: i64, limbs: i32): void {
  const minusEta = INPUTS + 2 * INTEGER;
  const va = load<i64>(v);
  const vb = load<i64>(v, 8);
  const vc = load<i64>(v, 16);
  const vd = load<i64>(v, 24);
  const ta = load<i64>(t) & mask;
  const tb = load<i64>(t, 8) & mask;
  const tc = load<i64>(t, 16) & mask;
  const td = load<i64>(t, 24) & mask;
  const ea = load<i64>(minusEta) & mask;
  const eb = load<i64>(minusEta, 8) & mask;
  const ec = load<i64>(minusEta, 16) & mask;
  const ed = load<i64>(minusEta, 24) & mask;
  storeLimbs(
    limbs,
    limb0(va) + limb0(ta) + limb0(ea),
    limb1(va) + limb1(ta) + limb1(ea),
    limb2(va, vb) + limb2(ta, tb) + limb2(ea, eb),
    limb3(vb) + limb3(tb) + limb3(eb),
    limb4(vb, vc) + limb4(tb, tc) + limb4(eb, ec),
    limb5(vc) + limb5(tc) + limb5(ec),
    limb6(vc, vd) + limb6(tc, td) + limb6(ec, ed),
    limb7(vd) + limb7(td) + limb7(ed),
    limb8(vd) + limb8(td) + limb8(ed),
  );
}

/** Stores nine limbs below 2^32. */
function storeLimbs(
  at: i32,
  l0: i64,
  l1: i64,
  l2: i64,
  l3: i64,
  l4: i64,
  l5: i64,
  l6: i64,
  l7: i64,
  l8: i64,
): void {
  store<i32>(at, i32(l0));
  store<i32>(at + LIMB_STEP, i32(l1));
  store<i32>(at + 2 * LIMB_STEP, i32(l2));
  store<i32>(at + 3 * LIMB_STEP, i32(l3));
  store<i32>(at + 4 * LIMB_STEP, i32(l4));
  store<i32>(at + 5 * LIMB_STEP, i32(l5));
  store<i32>(at + 6 * LIMB_STEP, i32(l6));
  store<i32>(at + 7 * LIMB_STEP, i32(l7));
  store<i32>(at + 8 * LIMB_STEP, i32(l8));
}
