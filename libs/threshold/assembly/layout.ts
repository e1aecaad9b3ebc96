// The one memory of the kernel: where each array lies, in bytes. The host copies in and out at these addresses.

/** Rows of one multiplication at most: xi of suite 2. */
export const MAX_ROWS: i32 = 896;
/** Bytes of a packed little-endian integer below 2^256. */
export const INTEGER: i32 = 32;
/** Bytes of one row x_1, x_2, x_3. */
export const ROW: i32 = 96;
/** Bytes of an AES block, and of a column of the OT extension. */
export const BLOCK: i32 = 16;
/** Output blocks of the correlation hash per column. */
export const BLOCKS_PER_ROW: i32 = 6;

/** Limbs of x_1 and x_2 of one row, in turn, as five vectors: x_1,0 x_2,0 x_1,1 x_2,1 | .. | x_1,8 x_2,8 - -. */
export const PAIRS_ROW: i32 = 80;
/** The third column of one row: nine sums of limbs below 2^32, not carried, beside those of the next row. */
export const CHECK_ROW: i32 = 72;
/** One table of multiples: for each pair of limbs of x, nine vectors. */
const TABLE_BYTES: i32 = 5 * 9 * 16;

// --- single values
export const INPUTS: i32 = 1024; // a_1, a_2, a_3, or -eta in the third place
export const NABLA: i32 = INPUTS + 3 * INTEGER;
export const THETAS: i32 = NABLA + BLOCK; // theta_1, theta_2
export const PRODUCTS: i32 = THETAS + 2 * INTEGER; // two inner products, or chi in the first place
export const SCRATCH: i32 = PRODUCTS + 2 * INTEGER;
export const ACCUMULATORS: i32 = SCRATCH + 1024;
export const MULTIPLES: i32 = ACCUMULATORS + 1024;
export const FOLDS: i32 = MULTIPLES + TABLE_BYTES;

// --- rows of a multiplication
export const BETA: i32 = 8192;
export const BETA_BYTES: i32 = 8192;
export const COLUMNS: i32 = BETA + BETA_BYTES; // q_b then q_b + Nabla, or t_b; then their first encryption
export const BLOCKS: i32 = COLUMNS + 2 * MAX_ROWS * BLOCK; // tweaked blocks of both halves; then their encryption
export const ATILDE: i32 = BLOCKS + 2 * MAX_ROWS * ROW;
export const PAIRS: i32 = ATILDE + MAX_ROWS * ROW;
export const CHECKS: i32 = PAIRS + MAX_ROWS * PAIRS_ROW;
export const HEX: i32 = CHECKS + MAX_ROWS * CHECK_ROW;
export const GADGET: i32 = HEX + MAX_ROWS * 2 * INTEGER;

// --- the matrices of the OT extension
/** Bytes of a row at most: 64 multiplications of suite 2, and the mask. */
const MAX_ROW_BYTES: i32 = (64 * MAX_ROWS) / 8 + BLOCK;
const MATRIX_BYTES: i32 = 128 * MAX_ROW_BYTES;
const SQUARE_BYTES: i32 = 128 * BLOCK;
export const HASH_KEY: i32 = GADGET + MAX_ROWS * INTEGER; // h
export const POWER: i32 = HASH_KEY + BLOCK;
export const TILE: i32 = POWER + BLOCK; // two times 16 x 16 bytes
export const ELEMENTS: i32 = TILE + 512;
export const ELEMENT_BITS: i32 = ELEMENTS + SQUARE_BYTES;
export const SUMS: i32 = ELEMENT_BITS + SQUARE_BYTES; // 16 for each of 32 nibbles
export const OFFSETS: i32 = SUMS + 4 * SQUARE_BYTES; // of 32 of these sums for each of 128 bits
export const NO_COLUMNS: i32 = OFFSETS + 4 * SQUARE_BYTES; // zeros
export const TAG_BITS: i32 = NO_COLUMNS + SQUARE_BYTES;
export const TAGS: i32 = TAG_BITS + SQUARE_BYTES; // of 128 rows, then of beta
export const ROWS_IN: i32 = TAGS + SQUARE_BYTES + BLOCK;
export const PARTNER_ROWS: i32 = ROWS_IN + MATRIX_BYTES;
export const COLUMNS_OUT: i32 = PARTNER_ROWS + MATRIX_BYTES;
export const END: i32 = COLUMNS_OUT + MATRIX_BYTES;
