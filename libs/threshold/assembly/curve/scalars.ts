// From secret multipliers to digits that are odd, so that every window adds a point: with b_i = 0 or 1 the sum of
// (2 b_i - 1) * 2^i over n bits is 2b - (2^n - 1) (Hamburg 2012, "Fast and compact elliptic-curve cryptography", section
// 3.3, as in libsecp256k1). Integers are little-endian words of 32 bits; all loops have fixed bounds.
import { BASE_WINDOWS, CURVE_SCALARS, DIGITS, WINDOWS, WORDS } from './layout';

const S: i32 = WORDS;
const CONSTANT: i32 = WORDS + 64;
const PRODUCT: i32 = WORDS + 128;
const C1: i32 = WORDS + 256;
const C2: i32 = WORDS + 288;
const V: i32 = WORDS + 320;
const TERM: i32 = WORDS + 352;
const SCALAR_WORDS: i32 = 8;
const HALF_WORDS: i32 = 5;

/** DIGITS = the windows of (k + 2^258 - 1) / 2, from the lowest, lanes in turn, k being multiplier `index` + lane. */
export function recodeForBase(index: i32): void {
  for (let lane = 0; lane < 2; lane++) {
    loadScalar(index + lane);
    store<u32>(S, 0, 32);
    storeConstant(-1, -1, -1, -1);
    addWords(S, CONSTANT, SCALAR_WORDS + 1);
    store<u32>(S, load<u32>(S, 32) + 3, 32); // 2^258 - 1 is 2^256 - 1 and three times 2^256
    halve(S, SCALAR_WORDS + 1);
    for (let i = 0; i < BASE_WINDOWS; i++) store<u8>(DIGITS + 2 * i + lane, u8(window(S, 6 * i, 6)));
  }
}

/**
 * DIGITS = windows of v_1 and then of v_2, from the lowest, lanes in turn, with k = (2 v_1 - 2^132 + 1) + lambda * (2 v_2
 * - 2^132 + 1): s = (k + (2^132 - 2^129 - 1) * (1 + lambda)) / 2 mod q is split as in "Guide to elliptic curve
 * cryptography", algorithm 3.74, into two numbers between -2^128 and 2^128, and 2^128 is added to both.
 */
export function recodeForPoint(index: i32): void {
  for (let lane = 0; lane < 2; lane++) {
    loadScalar(index + lane);
    storeConstant(0xb3749ca5d7b6171b, 0x7937fe0db66bcaaf, 0x3215874b94e93813, 0x76b1d93d0fae3c6b);
    store<u32>(S, 0, 32);
    addWords(S, CONSTANT, SCALAR_WORDS + 1);
    halve(S, SCALAR_WORDS + 1);
    reduceOnce(); // from below (q + q + q) / 2
    storeConstant(0xe893209a45dbb031, 0x3daa8a1471e8ca7f, 0xe86c90e49284eb15, 0x3086d221a7d46bcd);
    quotient(C1);
    storeConstant(0x1571b4ae8ac47f71, 0x221208ac9df506c6, 0x6f547fa90abfe4c4, 0xe4437ed6010e8828);
    quotient(C2);
    // v_1 = s + 2^128 - c_1 * a_1 - c_2 * a_2
    memory.copy(V, S, 4 * HALF_WORDS);
    store<u32>(V, load<u32>(V, 16) + 1, 16);
    storeConstant(0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0);
    subtractProduct(C1);
    storeConstant(0x57c1108d9d44cfd8, 0x14ca50f7a8e2f3f6, 1, 0);
    subtractProduct(C2);
    for (let i = 0; i < WINDOWS; i++) store<u8>(DIGITS + 2 * i + lane, u8(window(V, 4 * i, 4)));
    // v_2 = 2^128 - c_1 * b_1 - c_2 * b_2, with b_1 negative
    memory.fill(V, 0, 4 * HALF_WORDS);
    store<u32>(V, 1, 16);
    storeConstant(0x90ab8056f5401b3d, 0x1bbc8129fef177d7, -1, 0);
    subtractProduct(C1);
    storeConstant(0xe86c90e49284eb15, 0x3086d221a7d46bcd, 0, 0);
    subtractProduct(C2);
    for (let i = 0; i < WINDOWS; i++) {
      store<u8>(DIGITS + 2 * (WINDOWS + i) + lane, u8(window(V, 4 * i, 4)));
    }
  }
}

function loadScalar(index: i32): void {
  const bytes = CURVE_SCALARS + 32 * index;
  for (let k = 0; k < SCALAR_WORDS; k++) store<u32>(S + 4 * k, bswap(load<u32>(bytes + 28 - 4 * k)));
}

function storeConstant(a: u64, b: u64, c: u64, d: u64): void {
  store<u64>(CONSTANT, a);
  store<u64>(CONSTANT, b, 8);
  store<u64>(CONSTANT, c, 16);
  store<u64>(CONSTANT, d, 24);
  store<u32>(CONSTANT, 0, 32);
}

function addWords(sum: i32, addend: i32, words: i32): void {
  let carry: u64 = 0;
  for (let k = 0; k < 4 * words; k += 4) {
    carry += u64(load<u32>(sum + k)) + load<u32>(addend + k);
    store<u32>(sum + k, u32(carry));
    carry >>= 32;
  }
}

/** sum / 2 mod q, for a sum below 2^(32 * words - 2): q is added where it is odd. */
function halve(sum: i32, words: i32): void {
  const mask = u64(0) - (load<u32>(sum) & 1);
  storeOrder(mask);
  addWords(sum, CONSTANT, words);
  for (let k = 0; k < words - 1; k++) {
    const two = load<u64>(sum + 4 * k);
    store<u32>(sum + 4 * k, u32(two >> 1));
  }
  store<u32>(sum + 4 * (words - 1), load<u32>(sum + 4 * (words - 1)) >> 1);
}

/** CONSTANT = q where the mask is all ones, else 0. */
function storeOrder(mask: u64): void {
  storeConstant(
    0xbfd25e8cd0364141 & mask,
    0xbaaedce6af48a03b & mask,
    0xfffffffffffffffe & mask,
    0xffffffffffffffff & mask,
  );
}

/** S mod q for S below 2q. */
function reduceOnce(): void {
  // S + 2^256 - q; its word 8 says whether S is q or more
  memory.copy(TERM, S, 36);
  storeConstant(0x402da1732fc9bebf, 0x4551231950b75fc4, 1, 0);
  addWords(TERM, CONSTANT, SCALAR_WORDS + 1);
  const mask = u32(0) - load<u32>(TERM, 32);
  for (let k = 0; k < 4 * SCALAR_WORDS; k += 4) {
    const word = load<u32>(S + k);
    store<u32>(S + k, word ^ ((word ^ load<u32>(TERM + k)) & mask));
  }
}

/** out = round(S * CONSTANT / 2^384), 128 bits in five words. */
function quotient(out: i32): void {
  memory.fill(PRODUCT, 0, 64);
  multiplyWords(CONSTANT, SCALAR_WORDS, S, SCALAR_WORDS);
  const half = u64(load<u32>(PRODUCT, 44)) >> 31;
  let carry: u64 = half;
  for (let k = 0; k < 16; k += 4) {
    carry += load<u32>(PRODUCT + 48 + k);
    store<u32>(out + k, u32(carry));
    carry >>= 32;
  }
  store<u32>(out, u32(carry), 16);
}

/** V = V - c * CONSTANT mod 2^160 */
function subtractProduct(c: i32): void {
  memory.fill(PRODUCT, 0, 64);
  multiplyWords(CONSTANT, HALF_WORDS, c, HALF_WORDS);
  let borrow: i64 = 0;
  for (let k = 0; k < 4 * HALF_WORDS; k += 4) {
    borrow += i64(load<u32>(V + k)) - i64(load<u32>(PRODUCT + k));
    store<u32>(V + k, u32(borrow));
    borrow >>= 32;
  }
}

/** PRODUCT += a * b */
function multiplyWords(a: i32, aWords: i32, b: i32, bWords: i32): void {
  for (let i = 0; i < 4 * aWords; i += 4) {
    const factor = u64(load<u32>(a + i));
    let carry: u64 = 0;
    for (let j = 0; j < 4 * bWords; j += 4) {
      carry += load<u32>(PRODUCT + i + j) + factor * load<u32>(b + j);
      store<u32>(PRODUCT + i + j, u32(carry));
      carry >>= 32;
    }
    store<u32>(PRODUCT + i + 4 * bWords, u32(carry));
  }
}

/** `bits` bits from bit `from` on. */
function window(words: i32, from: i32, bits: i32): u32 {
  const two = load<u64>(words + 4 * (from >> 5));
  return u32(two >> (from & 31)) & ((1 << bits) - 1);
}
