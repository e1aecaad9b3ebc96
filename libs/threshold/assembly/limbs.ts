// Integers mod q as nine limbs of 29 bits (specification sections 6 and 15). Limbs travel in 64-bit words, so that sums
// of products need no carry. Nothing branches on a value, nor does an address depend on one.

/** Bits of a limb. 9 * 29 = 261. */
export const LIMB_BITS: i64 = 29;
export const LIMB_MASK: i64 = 0x1fffffff;
/** The ninth limb of a number below 2^256 has 24 bits. */
const TOP_BITS: i64 = 24;
const TOP_MASK: i64 = 0xffffff;

/** C = 2^256 - q: what a carry out of bit 255 is worth. */
const C0: i64 = 0xfc9bebf;
const C1: i64 = 0x16d0b99;
const C2: i64 = 0xdd7f110;
const C3: i64 = 0x24632a1;
const C4: i64 = 0x1455;

// --- limbs of a packed integer, from its 64-bit words a, b, c, d

export function limb0(a: i64): i64 {
  return a & LIMB_MASK;
}
export function limb1(a: i64): i64 {
  return (a >>> 29) & LIMB_MASK;
}
export function limb2(a: i64, b: i64): i64 {
  return ((a >>> 58) | (b << 6)) & LIMB_MASK;
}
export function limb3(b: i64): i64 {
  return (b >>> 23) & LIMB_MASK;
}
export function limb4(b: i64, c: i64): i64 {
  return ((b >>> 52) | (c << 12)) & LIMB_MASK;
}
export function limb5(c: i64): i64 {
  return (c >>> 17) & LIMB_MASK;
}
export function limb6(c: i64, d: i64): i64 {
  return ((c >>> 46) | (d << 18)) & LIMB_MASK;
}
export function limb7(d: i64): i64 {
  return (d >>> 11) & LIMB_MASK;
}
export function limb8(d: i64): i64 {
  return d >>> 40;
}

/**
 * Packs sum r_k * 2^(29k) mod q, canonical, at `out`.
 *
 * For any signed limbs of a sum in [0, 2^290): the part above bit 255 is below 2^34, times C below 2^163, so that one
 * fold leaves less than 2q and one subtraction, selected by a mask, makes it canonical.
 */
export function storeCanonical(
  out: i32,
  r0: i64,
  r1: i64,
  r2: i64,
  r3: i64,
  r4: i64,
  r5: i64,
  r6: i64,
  r7: i64,
  r8: i64,
): void {
  r1 += r0 >> LIMB_BITS;
  r2 += r1 >> LIMB_BITS;
  r3 += r2 >> LIMB_BITS;
  r4 += r3 >> LIMB_BITS;
  r5 += r4 >> LIMB_BITS;
  r6 += r5 >> LIMB_BITS;
  r7 += r6 >> LIMB_BITS;
  r8 += r7 >> LIMB_BITS;

  const high = r8 >> TOP_BITS;
  r0 = (r0 & LIMB_MASK) + high * C0;
  r1 = (r1 & LIMB_MASK) + high * C1 + (r0 >> LIMB_BITS);
  r2 = (r2 & LIMB_MASK) + high * C2 + (r1 >> LIMB_BITS);
  r3 = (r3 & LIMB_MASK) + high * C3 + (r2 >> LIMB_BITS);
  r4 = (r4 & LIMB_MASK) + high * C4 + (r3 >> LIMB_BITS);
  r5 = (r5 & LIMB_MASK) + (r4 >> LIMB_BITS);
  r6 = (r6 & LIMB_MASK) + (r5 >> LIMB_BITS);
  r7 = (r7 & LIMB_MASK) + (r6 >> LIMB_BITS);
  r8 = (r8 & TOP_MASK) + (r7 >> LIMB_BITS);
  r0 &= LIMB_MASK;
  r1 &= LIMB_MASK;
  r2 &= LIMB_MASK;
  r3 &= LIMB_MASK;
  r4 &= LIMB_MASK;
  r5 &= LIMB_MASK;
  r6 &= LIMB_MASK;
  r7 &= LIMB_MASK;

  // s = r + C; bit 256 of s says r >= q, and then s mod 2^256 is r - q.
  const s0 = r0 + C0;
  const s1 = r1 + C1 + (s0 >> LIMB_BITS);
  const s2 = r2 + C2 + (s1 >> LIMB_BITS);
  const s3 = r3 + C3 + (s2 >> LIMB_BITS);
  const s4 = r4 + C4 + (s3 >> LIMB_BITS);
  const s5 = r5 + (s4 >> LIMB_BITS);
  const s6 = r6 + (s5 >> LIMB_BITS);
  const s7 = r7 + (s6 >> LIMB_BITS);
  const s8 = r8 + (s7 >> LIMB_BITS);
  const low = -(s8 >> TOP_BITS) & LIMB_MASK;
  r0 ^= (r0 ^ s0) & low;
  r1 ^= (r1 ^ s1) & low;
  r2 ^= (r2 ^ s2) & low;
  r3 ^= (r3 ^ s3) & low;
  r4 ^= (r4 ^ s4) & low;
  r5 ^= (r5 ^ s5) & low;
  r6 ^= (r6 ^ s6) & low;
  r7 ^= (r7 ^ s7) & low;
  r8 ^= (r8 ^ s8) & low;

  store<i64>(out, r0 | (r1 << 29) | (r2 << 58));
  store<i64>(out, (r2 >>> 6) | (r3 << 23) | (r4 << 52), 8);
  store<i64>(out, (r4 >>> 12) | (r5 << 17) | (r6 << 46), 16);
  store<i64>(out, (r6 >>> 18) | (r7 << 11) | (r8 << 40), 24);
}

/** Whether the `count` packed integers at `at` are all below q. All are read, whatever they hold. */
export function allCanonical(at: i32, count: i32): bool {
  let all: u32 = 1;
  for (let i = 0; i < count; i++, at += 32) {
    const a = load<u64>(at);
    const b = load<u64>(at, 8);
    const c = load<u64>(at, 16);
    const d = load<u64>(at, 24);
    let below: u32 = u32(a < 0xbfd25e8cd0364141);
    below = u32(b < 0xbaaedce6af48a03b) | (u32(b == 0xbaaedce6af48a03b) & below);
    below = u32(c < 0xfffffffffffffffe) | (u32(c == 0xfffffffffffffffe) & below);
    below = u32(d < 0xffffffffffffffff) | (u32(d == 0xffffffffffffffff) & below);
    all &= below;
  }
  return all != 0;
}
