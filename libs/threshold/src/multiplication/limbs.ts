/**
 * Arithmetic mod q on rows of eight little-endian 32-bit limbs (specification sections 6.2, 6.4 and 15), without a
 * branch, an index or a loop bound that depends on a value.
 *
 * Limbs are added as a low and a high half of 16 bits: sums and carries then stay 32-bit integers, which is faster than
 * doubles.
 */

/** Bytes of one limb row: a little-endian integer below 2^256. */
export const LIMB_ROW = 32;

const LOW = 0xffff;

/** 2^256 - q. Folding a carry c means adding c times this. */
const COMPLEMENT = limbs([0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 1, 0, 0, 0]);
const ORDER = limbs([
  0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
]);

function limbs(words: number[]): DataView {
  const view = new DataView(new ArrayBuffer(LIMB_ROW));
  words.forEach((word, k) => view.setUint32(k * 4, word, true));
  return view;
}

/** A view that reads and writes little-endian limbs of `bytes` in place. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Reduces carry * 2^256 + (the limbs at `at`) to its canonical value mod q, in place; carry is 0..3.
 * The quotient is carry, plus one when the limbs plus (carry + 1) * (2^256 - q) overflow; both passes always run.
 */
function reduce(out: DataView, at: number, carry: number): void {
  const estimate = carry + 1;
  let overflow = 0;
  for (let k = 0; k < LIMB_ROW; k += 4) {
    const limb = out.getUint32(at + k, true);
    const fold = COMPLEMENT.getUint32(k, true);
    const low = (limb & LOW) + estimate * (fold & LOW) + overflow;
    overflow = ((limb >>> 16) + estimate * (fold >>> 16) + (low >> 16)) >> 16;
  }
  const quotient = carry + overflow;
  let rest = 0;
  for (let k = 0; k < LIMB_ROW; k += 4) {
    const limb = out.getUint32(at + k, true);
    const fold = COMPLEMENT.getUint32(k, true);
    const low = (limb & LOW) + quotient * (fold & LOW) + rest;
    const high = (limb >>> 16) + quotient * (fold >>> 16) + (low >> 16);
    out.setUint32(at + k, (high << 16) | (low & LOW), true);
    rest = high >> 16;
  }
}

/**
 * out = x - y + addend mod q, canonical, for one row.
 * @param x and `y` any 256-bit values, read at the same offset `at` that `out` is written at
 * @param addend a value prepared by {@link prepareAddend}
 */
export function subtractAdd(out: DataView, at: number, x: DataView, y: DataView, addend: DataView): void {
  let carry = 0;
  for (let k = 0; k < LIMB_ROW; k += 4) {
    const [minuend, subtrahend] = [x.getUint32(at + k, true), y.getUint32(at + k, true)];
    const low = (minuend & LOW) - (subtrahend & LOW) + addend.getInt32(2 * k, true) + carry;
    const high = (minuend >>> 16) - (subtrahend >>> 16) + addend.getInt32(2 * k + 4, true) + (low >> 16);
    out.setUint32(at + k, (high << 16) | (low & LOW), true);
    carry = high >> 16;
  }
  reduce(out, at, carry);
}

/** The addend of {@link subtractAdd}: halves of value + 2q, not normalised, so that the difference cannot become negative. */
export function prepareAddend(value: Uint8Array): DataView {
  const view = viewOf(value);
  const prepared = new DataView(new ArrayBuffer(LIMB_ROW * 2));
  for (let k = 0; k < LIMB_ROW; k += 2) {
    prepared.setInt32(2 * k, view.getUint16(k, true) + 2 * ORDER.getUint16(k, true), true);
  }
  return prepared;
}

/**
 * out = x + (y and mask) + (z and mask) mod q, canonical, for one row.
 * @param mask 0 or -1
 * @param z one row, read at offset 0
 */
export function addMasked(
  out: DataView,
  at: number,
  x: DataView,
  y: DataView,
  z: DataView,
  mask: number,
): void {
  let carry = 0;
  for (let k = 0; k < LIMB_ROW; k += 4) {
    const limb = x.getUint32(at + k, true);
    const [first, second] = [y.getUint32(at + k, true) & mask, z.getUint32(k, true) & mask];
    const low = (limb & LOW) + (first & LOW) + (second & LOW) + carry;
    const high = (limb >>> 16) + (first >>> 16) + (second >>> 16) + (low >> 16);
    out.setUint32(at + k, (high << 16) | (low & LOW), true);
    carry = high >> 16;
  }
  reduce(out, at, carry);
}

/** Whether every row of `rows` is below q. All rows are read, whatever they hold. */
export function allCanonical(rows: Uint8Array): boolean {
  const view = viewOf(rows);
  let overflows = 0;
  for (let at = 0; at < rows.length; at += LIMB_ROW) {
    let carry = 0;
    for (let k = 0; k < LIMB_ROW; k += 4) {
      const limb = view.getUint32(at + k, true);
      const fold = COMPLEMENT.getUint32(k, true);
      const low = (limb & LOW) + (fold & LOW) + carry;
      carry = ((limb >>> 16) + (fold >>> 16) + (low >> 16)) >> 16;
    }
    overflows |= carry;
  }
  return overflows === 0;
}

/**
 * Sum over b of bit_b * row_b, not reduced.
 * @param rows up to 2^20 limb rows
 * @param bits packed bits, the first row's at index `firstBit`
 */
export function sumSelected(rows: Uint8Array, bits: Uint8Array, firstBit: number): bigint {
  const view = viewOf(rows);
  const packed = viewOf(bits);
  const sums = new DataView(new ArrayBuffer(LIMB_ROW * 2));
  for (let at = 0, bit = firstBit; at < rows.length; at += LIMB_ROW, bit++) {
    const mask = bitMask(packed, bit);
    for (let k = 0; k < LIMB_ROW; k += 4) {
      const selected = (view.getUint32(at + k, true) & mask) >>> 0;
      sums.setFloat64(k * 2, sums.getFloat64(k * 2, true) + selected, true);
    }
  }
  let total = 0n;
  for (let k = 28; k >= 0; k -= 4) total = (total << 32n) + BigInt(sums.getFloat64(k * 2, true));
  new Uint8Array(sums.buffer).fill(0);
  return total;
}

/** 0 or -1 (all ones), by bit `index` of packed bits, least significant first. */
export function bitMask(packed: DataView, index: number): number {
  return 0 - ((packed.getUint8(index >>> 3) >>> (index & 7)) & 1);
}
