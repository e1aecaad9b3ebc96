// The output hash of the OT extension around the host's AES (specification section 5.5). The host encrypts COLUMNS,
// calls spread, encrypts BLOCKS, and the readers of rows add the first encryption back to the second.
import { BLOCK, BLOCKS, BLOCKS_PER_ROW, COLUMNS, NABLA } from './layout';

/** A tweak is 8 * (OT index) + (output block), in the lowest 32-bit word. */
const TWEAK_STEP: i32 = 8;

/** Writes q_b xor Nabla behind the columns q_b. */
export function shiftColumns(rows: i32): void {
  const nabla = v128.load(NABLA);
  const shifted = COLUMNS + rows * BLOCK;
  for (let at = 0; at < rows * BLOCK; at += BLOCK) {
    v128.store(shifted + at, v128.xor(v128.load(COLUMNS + at), nabla));
  }
}

/** BLOCKS = y xor <8b + c> for c = 0..5 of every encrypted column y of each of the `halves`; b counts from firstIndex. */
export function spread(rows: i32, halves: i32, firstIndex: i32): void {
  let from = COLUMNS;
  let to = BLOCKS;
  for (let half = 0; half < halves; half++) {
    let tweak = firstIndex * TWEAK_STEP;
    for (let b = 0; b < rows; b++, from += BLOCK, tweak += TWEAK_STEP) {
      const y = v128.load(from);
      for (let c = 0; c < BLOCKS_PER_ROW; c++, to += BLOCK) {
        const word = i32x4.replace_lane(i32x4.splat(0), 0, tweak + c);
        v128.store(to, v128.xor(y, word));
      }
    }
  }
}
