// The bit matrices of the OT extension (specification sections 5.1 to 5.5): 128 rows of packed bits, their columns, and
// the linear hash of every row. Bits are packed least significant first.
import {
  BETA,
  BLOCK,
  COLUMNS_OUT,
  ELEMENT_BITS,
  ELEMENTS,
  HASH_KEY,
  NABLA,
  NO_COLUMNS,
  OFFSETS,
  PARTNER_ROWS,
  POWER,
  ROWS_IN,
  SUMS,
  TAG_BITS,
  TAGS,
  TILE,
} from './layout';

const ROWS: i32 = 128;
const BLOCK_BITS: i32 = 128;
/** Nibbles of a block, and how many sums four columns have. */
const NIBBLES: i32 = 32;
const SUMS_PER_NIBBLE: i32 = 16;
/** Bytes that select the sums of one bit. */
const OFFSET_ROW: i32 = 2 * NIBBLES;
/** GHASH adds this to the first byte when x^128 is reduced. */
const REDUCTION: u64 = 0xe100000000000000;

/** The receiver: PARTNER_ROWS = u = T0 + T1 + beta, from T0 in ROWS_IN, T1 in PARTNER_ROWS and beta in BETA. */
export function addChoices(rowBytes: i32): void {
  for (let m = 0, row = 0; m < ROWS; m++, row += rowBytes) {
    for (let k = 0; k < rowBytes; k += BLOCK) {
      const at = PARTNER_ROWS + row + k;
      const sum = v128.xor(v128.load(ROWS_IN + row + k), v128.load(BETA + k));
      v128.store(at, v128.xor(v128.load(at), sum));
    }
  }
}

/** The sender: ROWS_IN = Q, the expanded seeds there plus Nabla[m] times row m of u in PARTNER_ROWS. */
export function addMaskedRows(rowBytes: i32): void {
  for (let m = 0, row = 0; m < ROWS; m++, row += rowBytes) {
    const mask = i8x16.splat(-((load<u8>(NABLA + (m >> 3)) >> u8(m & 7)) & 1));
    for (let k = 0; k < rowBytes; k += BLOCK) {
      const at = ROWS_IN + row + k;
      v128.store(at, v128.xor(v128.load(at), v128.and(v128.load(PARTNER_ROWS + row + k), mask)));
    }
  }
}

/** COLUMNS_OUT: 16 bytes per column of ROWS_IN, bit m of column b being bit b of row m. */
export function transposeRows(rowBytes: i32): void {
  for (let block = 0; block < rowBytes; block += BLOCK) {
    transposeSquare(ROWS_IN + block, rowBytes, COLUMNS_OUT + block * 8 * BLOCK);
  }
}

/** Transposes 128 rows of 128 bits, `stride` bytes apart, to 128 adjacent blocks. */
function transposeSquare(from: i32, stride: i32, to: i32): void {
  for (let group = 0; group < 8; group++, from += 16 * stride, to += 2) {
    for (let row = 0; row < 16; row++) v128.store(TILE + BLOCK * row, v128.load(from + stride * row));
    interleave(TILE, TILE + 256);
    interleave(TILE + 256, TILE);
    interleave(TILE, TILE + 256);
    interleave(TILE + 256, TILE);
    for (let byte = 0; byte < 16; byte++) {
      let bits = v128.load(TILE + BLOCK * byte);
      for (let bit = 7; bit >= 0; bit--) {
        store<u16>(to + BLOCK * (8 * byte + bit), u16(i8x16.bitmask(bits)));
        bits = i8x16.add(bits, bits);
      }
    }
  }
}

/** One of four steps that transpose 16 x 16 bytes: rows i and i + 8, byte by byte in turn, become rows 2i and 2i + 1. */
function interleave(from: i32, to: i32): void {
  for (let i = 0; i < 8; i++) {
    const a = v128.load(from + BLOCK * i);
    const b = v128.load(from + BLOCK * (i + 8));
    const low = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const high = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    v128.store(to + 2 * BLOCK * i, low);
    v128.store(to + 2 * BLOCK * i + BLOCK, high);
  }
}

/**
 * TAGS = lin of the 128 rows, from their columns, and then lin(beta) of BETA (5.2):
 * lin(y) = sum_k y_k * h^(M+2-k) + y_(M+1) over GF(2^128) as GHASH has it, with h = AES_ck(0) in HASH_KEY, by Horner's rule.
 *
 * A multiplication by h is linear over GF(2), and h is public. A bit of y stands for a field element, and bit j of all
 * rows at once is the sum of those columns whose elements have bit j. Four columns at a time are looked up among their
 * 16 sums, by the bits of public elements.
 */
export function hashRows(rowBytes: i32): void {
  const blocks = rowBytes / BLOCK - 1;
  fillElements();
  transposeSquare(ELEMENTS, BLOCK, ELEMENT_BITS);
  fillOffsets();
  memory.fill(TAG_BITS, 0, BLOCK_BITS * BLOCK);
  let choices = i64x2.splat(0);
  for (let block = 0; block < blocks; block++) {
    fillSums(COLUMNS_OUT + block * BLOCK_BITS * BLOCK);
    multiplyRows();
    choices = timesKey(v128.xor(choices, v128.load(BETA + block * BLOCK)));
  }
  fillSums(NO_COLUMNS); // the last block has h^2
  multiplyRows();
  choices = timesKey(choices);
  const mask = COLUMNS_OUT + blocks * BLOCK_BITS * BLOCK; // counts as it is
  for (let at = 0; at < BLOCK_BITS * BLOCK; at += BLOCK) {
    v128.store(TAG_BITS + at, v128.xor(v128.load(TAG_BITS + at), v128.load(mask + at)));
  }
  transposeSquare(TAG_BITS, BLOCK, TAGS);
  v128.store(TAGS + ROWS * BLOCK, v128.xor(choices, v128.load(BETA + blocks * BLOCK)));
}

/** ELEMENTS: what bit i of a block stands for when its block is multiplied by h. */
function fillElements(): void {
  let high = bswap(load<u64>(HASH_KEY));
  let low = bswap(load<u64>(HASH_KEY, 8));
  for (let n = 0; n < BLOCK_BITS; n++) {
    // GHASH counts the bits of a byte from the most significant on, rows are packed from the least.
    const at = ELEMENTS + BLOCK * (n ^ 7);
    store<u64>(at, bswap(high));
    store<u64>(at, bswap(low), 8);
    const reduction = REDUCTION & -(low & 1);
    low = (low >> 1) | (high << 63);
    high = (high >> 1) ^ reduction;
  }
}

/** OFFSETS: for bit j and each nibble of a block where, in SUMS, the sum of the columns is whose elements have bit j. */
function fillOffsets(): void {
  for (let j = 0; j < BLOCK_BITS; j++) {
    for (let nibble = 0; nibble < NIBBLES; nibble++) {
      const byte = i32(load<u8>(ELEMENT_BITS + j * BLOCK + (nibble >> 1)));
      const selected = (byte >> (4 * (nibble & 1))) & 15;
      store<u16>(OFFSETS + OFFSET_ROW * j + 2 * nibble, u16((SUMS_PER_NIBBLE * nibble + selected) * BLOCK));
    }
  }
}

/** A secret block times h. */
function timesKey(block: v128): v128 {
  v128.store(POWER, block);
  let sum = i64x2.splat(0);
  for (let i = 0; i < BLOCK_BITS; i++) {
    const mask = i8x16.splat(-((load<u8>(POWER + (i >> 3)) >> u8(i & 7)) & 1));
    sum = v128.xor(sum, v128.and(v128.load(ELEMENTS + BLOCK * i), mask));
  }
  return sum;
}

/** SUMS: for every nibble of a block the 16 sums of its four columns, each plus what TAG_BITS has for it. */
function fillSums(columns: i32): void {
  let tags = TAG_BITS;
  let sums = SUMS;
  for (let nibble = 0; nibble < NIBBLES; nibble++) {
    const c0 = v128.xor(v128.load(columns), v128.load(tags));
    const c1 = v128.xor(v128.load(columns, 16), v128.load(tags, 16));
    const c2 = v128.xor(v128.load(columns, 32), v128.load(tags, 32));
    const c3 = v128.xor(v128.load(columns, 48), v128.load(tags, 48));
    const c01 = v128.xor(c0, c1);
    const c23 = v128.xor(c2, c3);
    v128.store(sums, i64x2.splat(0));
    v128.store(sums, c0, 16);
    v128.store(sums, c1, 32);
    v128.store(sums, c01, 48);
    v128.store(sums, c2, 64);
    v128.store(sums, v128.xor(c2, c0), 80);
    v128.store(sums, v128.xor(c2, c1), 96);
    v128.store(sums, v128.xor(c2, c01), 112);
    v128.store(sums, c3, 128);
    v128.store(sums, v128.xor(c3, c0), 144);
    v128.store(sums, v128.xor(c3, c1), 160);
    v128.store(sums, v128.xor(c3, c01), 176);
    v128.store(sums, c23, 192);
    v128.store(sums, v128.xor(c23, c0), 208);
    v128.store(sums, v128.xor(c23, c1), 224);
    v128.store(sums, v128.xor(c23, c01), 240);
    columns += 4 * BLOCK;
    tags += 4 * BLOCK;
    sums += SUMS_PER_NIBBLE * BLOCK;
  }
}

/** TAG_BITS j = the sum of the columns that OFFSETS j selects, for all j: the rows times h. */
function multiplyRows(): void {
  let offsets = OFFSETS;
  for (let j = 0; j < BLOCK_BITS; j++) {
    let even = i64x2.splat(0);
    let odd = even;
    for (const end = offsets + OFFSET_ROW; offsets < end; offsets += 16) {
      even = v128.xor(even, v128.load(SUMS + i32(load<u16>(offsets))));
      odd = v128.xor(odd, v128.load(SUMS + i32(load<u16>(offsets, 2))));
      even = v128.xor(even, v128.load(SUMS + i32(load<u16>(offsets, 4))));
      odd = v128.xor(odd, v128.load(SUMS + i32(load<u16>(offsets, 6))));
      even = v128.xor(even, v128.load(SUMS + i32(load<u16>(offsets, 8))));
      odd = v128.xor(odd, v128.load(SUMS + i32(load<u16>(offsets, 10))));
      even = v128.xor(even, v128.load(SUMS + i32(load<u16>(offsets, 12))));
      odd = v128.xor(odd, v128.load(SUMS + i32(load<u16>(offsets, 14))));
    }
    v128.store(TAG_BITS + j * BLOCK, v128.xor(even, odd));
  }
}
