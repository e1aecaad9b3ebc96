// The arithmetic of limbs.ts on two integers at once, one in each 64-bit lane. Limbs and sums are not negative here, so
// that all shifts are logical: there is no arithmetic shift of 64-bit lanes on x64 before AVX-512.
import { LIMB_BITS } from './limbs';

/** Bits of the ninth limb of a number below 2^256. */
const TOP_BITS: i32 = 24;
const BITS: i32 = i32(LIMB_BITS);

// --- limbs of packed integers, from their 64-bit words a, b, c, d

export function pairLimb0(a: v128): v128 {
  return lowBits(a);
}
export function pairLimb1(a: v128): v128 {
  return lowBits(i64x2.shr_u(a, 29));
}
export function pairLimb2(a: v128, b: v128): v128 {
  return lowBits(v128.or(i64x2.shr_u(a, 58), i64x2.shl(b, 6)));
}
export function pairLimb3(b: v128): v128 {
  return lowBits(i64x2.shr_u(b, 23));
}
export function pairLimb4(b: v128, c: v128): v128 {
  return lowBits(v128.or(i64x2.shr_u(b, 52), i64x2.shl(c, 12)));
}
export function pairLimb5(c: v128): v128 {
  return lowBits(i64x2.shr_u(c, 17));
}
export function pairLimb6(c: v128, d: v128): v128 {
  return lowBits(v128.or(i64x2.shr_u(c, 46), i64x2.shl(d, 18)));
}
export function pairLimb7(d: v128): v128 {
  return lowBits(i64x2.shr_u(d, 11));
}
export function pairLimb8(d: v128): v128 {
  return i64x2.shr_u(d, 40);
}

export function lowBits(x: v128): v128 {
  return v128.and(x, i64x2(0x1fffffff, 0x1fffffff));
}

/** Adds the carry out of a limb to the next one. */
export function withCarry(limb: v128, previous: v128): v128 {
  return i64x2.add(limb, i64x2.shr_u(previous, BITS));
}

/** The first words of two vectors. */
export function firstOf(x: v128, y: v128): v128 {
  return v128.shuffle<i64>(x, y, 0, 2);
}

/** The second words of two vectors. */
export function secondOf(x: v128, y: v128): v128 {
  return v128.shuffle<i64>(x, y, 1, 3);
}

/** storeCanonical of limbs.ts for both lanes: the first at `out`, the second at `other`. */
export function storeBothCanonical(
  out: i32,
  other: i32,
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  r4: v128,
  r5: v128,
  r6: v128,
  r7: v128,
  r8: v128,
): void {
  r1 = withCarry(r1, r0);
  r2 = withCarry(r2, r1);
  r3 = withCarry(r3, r2);
  r4 = withCarry(r4, r3);
  r5 = withCarry(r5, r4);
  r6 = withCarry(r6, r5);
  r7 = withCarry(r7, r6);
  r8 = withCarry(r8, r7);

  // C = 2^256 - q, as in limbs.ts
  const high = i64x2.shr_u(r8, TOP_BITS);
  r0 = i64x2.add(lowBits(r0), i64x2.mul(high, i64x2(0xfc9bebf, 0xfc9bebf)));
  r1 = withCarry(i64x2.add(lowBits(r1), i64x2.mul(high, i64x2(0x16d0b99, 0x16d0b99))), r0);
  r2 = withCarry(i64x2.add(lowBits(r2), i64x2.mul(high, i64x2(0xdd7f110, 0xdd7f110))), r1);
  r3 = withCarry(i64x2.add(lowBits(r3), i64x2.mul(high, i64x2(0x24632a1, 0x24632a1))), r2);
  r4 = withCarry(i64x2.add(lowBits(r4), i64x2.mul(high, i64x2(0x1455, 0x1455))), r3);
  r5 = withCarry(lowBits(r5), r4);
  r6 = withCarry(lowBits(r6), r5);
  r7 = withCarry(lowBits(r7), r6);
  r8 = withCarry(v128.and(r8, i64x2(0xffffff, 0xffffff)), r7);
  r0 = lowBits(r0);
  r1 = lowBits(r1);
  r2 = lowBits(r2);
  r3 = lowBits(r3);
  r4 = lowBits(r4);
  r5 = lowBits(r5);
  r6 = lowBits(r6);
  r7 = lowBits(r7);

  // s = r + C; bit 256 of s says r >= q, and then s mod 2^256 is r - q.
  const s0 = i64x2.add(r0, i64x2(0xfc9bebf, 0xfc9bebf));
  const s1 = withCarry(i64x2.add(r1, i64x2(0x16d0b99, 0x16d0b99)), s0);
  const s2 = withCarry(i64x2.add(r2, i64x2(0xdd7f110, 0xdd7f110)), s1);
  const s3 = withCarry(i64x2.add(r3, i64x2(0x24632a1, 0x24632a1)), s2);
  const s4 = withCarry(i64x2.add(r4, i64x2(0x1455, 0x1455)), s3);
  const s5 = withCarry(r5, s4);
  const s6 = withCarry(r6, s5);
  const s7 = withCarry(r7, s6);
  const s8 = withCarry(r8, s7);
  const low = lowBits(i64x2.neg(i64x2.shr_u(s8, TOP_BITS)));
  r0 = chosen(r0, s0, low);
  r1 = chosen(r1, s1, low);
  r2 = chosen(r2, s2, low);
  r3 = chosen(r3, s3, low);
  r4 = chosen(r4, s4, low);
  r5 = chosen(r5, s5, low);
  r6 = chosen(r6, s6, low);
  r7 = chosen(r7, s7, low);
  r8 = chosen(r8, s8, low);

  const a = v128.or(v128.or(r0, i64x2.shl(r1, 29)), i64x2.shl(r2, 58));
  const b = v128.or(v128.or(i64x2.shr_u(r2, 6), i64x2.shl(r3, 23)), i64x2.shl(r4, 52));
  const c = v128.or(v128.or(i64x2.shr_u(r4, 12), i64x2.shl(r5, 17)), i64x2.shl(r6, 46));
  const d = v128.or(v128.or(i64x2.shr_u(r6, 18), i64x2.shl(r7, 11)), i64x2.shl(r8, 40));
  v128.store(out, firstOf(a, b));
  v128.store(out, firstOf(c, d), 16);
  v128.store(other, secondOf(a, b));
  v128.store(other, secondOf(c, d), 16);
}

/** The bits of `low` from s, the others, which are zero in r, from r. */
function chosen(r: v128, s: v128, low: v128): v128 {
  return v128.xor(r, v128.and(v128.xor(r, s), low));
}
