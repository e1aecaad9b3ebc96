// Between 32 big-endian bytes and elements of field.ts. Scalar code: each lane by itself.
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
} from '../limbs';

const TOP_BITS: i64 = 24;
const TOP_MASK: i64 = 0xffffff;
/** 2^256 mod p, in limbs 0 and 1. */
const C0: i64 = 977;
const C1: i64 = 8;

/** Writes the integer of 32 big-endian bytes to lane 0 or 1 of an element, not reduced; it is below 2^256. */
export function loadLane(out: i32, lane: i32, bytes: i32): void {
  const d = bswap(load<i64>(bytes));
  const c = bswap(load<i64>(bytes, 8));
  const b = bswap(load<i64>(bytes, 16));
  const a = bswap(load<i64>(bytes, 24));
  out += 4 * lane;
  store<i32>(out, i32(limb0(a)));
  store<i32>(out, i32(limb1(a)), 8);
  store<i32>(out, i32(limb2(a, b)), 16);
  store<i32>(out, i32(limb3(b)), 24);
  store<i32>(out, i32(limb4(b, c)), 32);
  store<i32>(out, i32(limb5(c)), 40);
  store<i32>(out, i32(limb6(c, d)), 48);
  store<i32>(out, i32(limb7(d)), 56);
  store<i32>(out, i32(limb8(d)), 64);
  store<i32>(out, 0, 72);
}

/** Writes both lanes of an element, from bytes `stride` apart. */
export function loadPair(out: i32, bytes: i32, stride: i32): void {
  loadLane(out, 0, bytes);
  loadLane(out, 1, bytes + stride);
}

/** Writes a lane of an element mod p, canonical, as 32 big-endian bytes. */
export function storeLane(bytes: i32, element: i32, lane: i32): void {
  element += 4 * lane;
  let r0: i64 = load<u32>(element);
  let r1: i64 = load<u32>(element, 8);
  let r2: i64 = load<u32>(element, 16);
  let r3: i64 = load<u32>(element, 24);
  let r4: i64 = load<u32>(element, 32);
  let r5: i64 = load<u32>(element, 40);
  let r6: i64 = load<u32>(element, 48);
  let r7: i64 = load<u32>(element, 56);
  let r8: i64 = load<u32>(element, 64);
  // Below 2^256 + 2^236: once bit 256 is folded, one subtraction of p makes it canonical. Bit 256 of r + C says
  // whether r is p or more, also before the fold.
  let s0 = r0 + C0;
  let s1 = r1 + C1 + (s0 >> LIMB_BITS);
  let s2 = r2 + (s1 >> LIMB_BITS);
  let s3 = r3 + (s2 >> LIMB_BITS);
  let s4 = r4 + (s3 >> LIMB_BITS);
  let s5 = r5 + (s4 >> LIMB_BITS);
  let s6 = r6 + (s5 >> LIMB_BITS);
  let s7 = r7 + (s6 >> LIMB_BITS);
  let s8 = r8 + (s7 >> LIMB_BITS);
  const excess = s8 >> TOP_BITS;
  r0 += excess * C0;
  r1 += excess * C1 + (r0 >> LIMB_BITS);
  r2 += r1 >> LIMB_BITS;
  r3 += r2 >> LIMB_BITS;
  r4 += r3 >> LIMB_BITS;
  r5 += r4 >> LIMB_BITS;
  r6 += r5 >> LIMB_BITS;
  r7 += r6 >> LIMB_BITS;
  r8 = (r8 + (r7 >> LIMB_BITS)) & TOP_MASK;
  r0 &= LIMB_MASK;
  r1 &= LIMB_MASK;
  r2 &= LIMB_MASK;
  r3 &= LIMB_MASK;
  r4 &= LIMB_MASK;
  r5 &= LIMB_MASK;
  r6 &= LIMB_MASK;
  r7 &= LIMB_MASK;
  store<i64>(bytes, bswap((r6 >>> 18) | (r7 << 11) | (r8 << 40)));
  store<i64>(bytes, bswap((r4 >>> 12) | (r5 << 17) | (r6 << 46)), 8);
  store<i64>(bytes, bswap((r2 >>> 6) | (r3 << 23) | (r4 << 52)), 16);
  store<i64>(bytes, bswap(r0 | (r1 << 29) | (r2 << 58)), 24);
}
