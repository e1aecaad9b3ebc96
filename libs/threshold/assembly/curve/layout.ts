// Where the arrays of the curve lie in the memory of the kernel, behind those of the multiplications.
import { END } from '../layout';

/** Bytes of an element of a pair (field.ts). */
export const ELEMENT: i32 = 80;
/** Bytes of a Jacobian point of a pair: X, Y, Z. */
export const POINT: i32 = 3 * ELEMENT;
/** Pairs of points of one call at most. */
export const MAX_PAIRS: i32 = 128;

/** Windows of 6 bits of a multiplier of the base point, and multiples 1, 3, .., 63 of each. */
export const BASE_WINDOWS: i32 = 43;
export const BASE_MULTIPLES: i32 = 32;
/** Limbs of x and of y of one point, ten words each. */
export const BASE_ENTRY: i32 = 80;
/** Windows of 4 bits of a half of a multiplier, and multiples 1, 3, .., 15 of the point. */
export const WINDOWS: i32 = 33;
export const MULTIPLES: i32 = 8;
/** Bytes of one multiple: x, y, and x of its image under the endomorphism. */
export const MULTIPLE: i32 = 3 * ELEMENT;

// --- public
export const BASE_TABLE: i32 = (END + 15) & ~15;

// --- in and out: packed big-endian, as they are on the wire
export const CURVE_SCALARS: i32 = BASE_TABLE + BASE_WINDOWS * BASE_MULTIPLES * BASE_ENTRY;
/** x || y of each point. */
export const CURVE_POINTS: i32 = CURVE_SCALARS + 2 * MAX_PAIRS * 32;

// --- at work
export const WORK: i32 = CURVE_POINTS + 2 * MAX_PAIRS * 64;
/** Words of scalars.ts. */
export const WORDS: i32 = WORK + 32 * ELEMENT;
/** Digits of both scalars of a pair, or of both halves of both. */
export const DIGITS: i32 = WORDS + 512;
export const TABLE: i32 = DIGITS + 192;
/** Ratios of Z of neighbours in the table. */
export const RATIOS: i32 = TABLE + MULTIPLES * MULTIPLE;
export const JACOBIANS: i32 = RATIOS + MULTIPLES * ELEMENT;
/** Products of all Z up to each pair. */
export const PREFIXES: i32 = JACOBIANS + MAX_PAIRS * POINT;
export const CURVE_END: i32 = PREFIXES + (MAX_PAIRS + 1) * ELEMENT;
