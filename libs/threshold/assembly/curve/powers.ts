// Inverses and square roots modulo p, as powers with fixed addition chains (those of libsecp256k1: p - 2 and (p + 1) / 4
// begin with 223 ones, so both are built from a^(2^223 - 1)).
import { ELEMENT, WORK } from './layout';
import { multiply, square, squareTimes } from './field';

const X2: i32 = WORK;
const X3: i32 = X2 + ELEMENT;
const X22: i32 = X3 + ELEMENT;
const X44: i32 = X22 + ELEMENT;
const T: i32 = X44 + ELEMENT;
/** Where the functions of other files may put what must outlive a power. */
export const AFTER_POWERS: i32 = T + ELEMENT;

/** out = a^-1, and 0 for 0; out is not a. */
export function invert(out: i32, a: i32): void {
  raiseToOnes(out, a);
  squareTimes(out, out, 5);
  multiply(out, out, a);
  squareTimes(out, out, 3);
  multiply(out, out, X2);
  squareTimes(out, out, 2);
  multiply(out, out, a);
}

/** out = a^((p + 1) / 4): a square root of a, if it has one; out is not a. */
export function squareRoot(out: i32, a: i32): void {
  raiseToOnes(out, a);
  squareTimes(out, out, 6);
  multiply(out, out, X2);
  squareTimes(out, out, 2);
}

/** out = a^(((2^223 - 1) << 23) + 2^22 - 1); leaves a^3 in X2. */
function raiseToOnes(out: i32, a: i32): void {
  square(X2, a);
  multiply(X2, X2, a);
  square(X3, X2);
  multiply(X3, X3, a);
  squareTimes(T, X3, 3); // 6 ones
  multiply(T, T, X3);
  squareTimes(T, T, 3); // 9
  multiply(T, T, X3);
  squareTimes(T, T, 2); // 11
  multiply(T, T, X2);
  squareTimes(X22, T, 11);
  multiply(X22, X22, T);
  squareTimes(X44, X22, 22);
  multiply(X44, X44, X22);
  squareTimes(T, X44, 44); // 88
  multiply(T, T, X44);
  squareTimes(out, T, 88); // 176
  multiply(out, out, T);
  squareTimes(out, out, 44); // 220
  multiply(out, out, X44);
  squareTimes(out, out, 3); // 223
  multiply(out, out, X3);
  squareTimes(out, out, 23);
  multiply(out, out, X22);
}
