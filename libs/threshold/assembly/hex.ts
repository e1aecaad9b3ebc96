// Lowercase hexadecimal digits of a packed integer, most significant first: what the digest mu is taken of (section 6.3).

/** Writes the 64 digits of the little-endian integer at `integer`. A byte shuffle looks the digits up, not an address. */
export function storeHex(out: i32, integer: i32): void {
  storeHalf(out, v128.load(integer, 16));
  storeHalf(out + 32, v128.load(integer));
}

function storeHalf(out: i32, half: v128): void {
  const reversed = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const digits = i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102);
  const nibble = i8x16.splat(0x0f);
  const bytes = i8x16.swizzle(half, reversed);
  const high = i8x16.swizzle(digits, v128.and(i16x8.shr_u(bytes, 4), nibble));
  const low = i8x16.swizzle(digits, v128.and(bytes, nibble));
  v128.store(out, v128.shuffle<u8>(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  v128.store(
    out,
    v128.shuffle<u8>(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    16,
  );
}
