/**
 * Bit-matrix transposition of the OT extension (specification section 5.5): 128 rows of packed bits become one 16-byte
 * row per column. Bits are packed least significant first, on both sides.
 */

const ROWS = 128;
const BLOCK = 32;
const COLUMN_BYTES = ROWS / 8;

/**
 * Transposes 128 rows of `rowBytes` bytes each.
 * @param rows 128 * rowBytes bytes, row after row; rowBytes a multiple of 4
 * @param columns how many leading columns to return, a multiple of 32 and at most 8 * rowBytes
 * @returns 16 bytes per column: bit m of column b is bit b of row m
 */
export function transposeBits(rows: Uint8Array, rowBytes: number, columns: number): Buffer {
  const out = Buffer.alloc(columns * COLUMN_BYTES);
  const source = new DataView(rows.buffer, rows.byteOffset, rows.length);
  const target = new DataView(out.buffer, out.byteOffset, out.length);
  const block = new DataView(new ArrayBuffer(BLOCK * 4));
  for (let rowBlock = 0; rowBlock < ROWS / BLOCK; rowBlock++) {
    for (let columnBlock = 0; columnBlock < columns / BLOCK; columnBlock++) {
      let from = rowBlock * BLOCK * rowBytes + columnBlock * 4;
      for (let i = 0; i < BLOCK * 4; i += 4, from += rowBytes) {
        block.setUint32(i, source.getUint32(from, true), true);
      }
      transposeBlock(block);
      let to = columnBlock * BLOCK * COLUMN_BYTES + rowBlock * 4;
      for (let i = 0; i < BLOCK * 4; i += 4, to += COLUMN_BYTES) {
        target.setUint32(to, block.getUint32(i, true), true);
      }
    }
  }
  new Uint8Array(block.buffer).fill(0);
  return out;
}

/** Transposes 32 words of 32 bits in place by swapping ever smaller quadrants (Hacker's Delight 7-3, least significant bit first). */
function transposeBlock(block: DataView): void {
  let mask = 0x0000ffff;
  for (let distance = 16; distance !== 0; distance >>>= 1) {
    for (let k = 0; k < BLOCK; k = ((k | distance) + 1) & ~distance) {
      const low = block.getUint32(k * 4, true);
      const high = block.getUint32((k | distance) * 4, true);
      const swap = ((low >>> distance) ^ high) & mask;
      block.setUint32((k | distance) * 4, high ^ swap, true);
      block.setUint32(k * 4, low ^ (swap << distance), true);
    }
    mask ^= mask << (distance >>> 1);
  }
}
