// Jacobian points of secp256k1, y^2 = x^3 + 7, a pair at a time. The formulas are incomplete: a sum of equal or opposite
// points has Z = 0, and so has everything made from it. The host then lets libsecp256k1 do the work.
import { ELEMENT, POINT } from './layout';
import { copyElement, multiply, square, subtract, subtractTwice, threeHalves } from './field';
import { AFTER_POWERS } from './powers';

const X: i32 = 0;
const Y: i32 = ELEMENT;
const Z: i32 = 2 * ELEMENT;

const T0: i32 = AFTER_POWERS;
const T1: i32 = T0 + ELEMENT;
const T2: i32 = T1 + ELEMENT;
const T3: i32 = T2 + ELEMENT;
/** Z of the last sum over Z of its first term. */
export const RATIO: i32 = T3 + ELEMENT;
const T4: i32 = RATIO + ELEMENT;
export const AFTER_POINTS: i32 = T4 + ELEMENT;

/** Doubles `point` in place (libsecp256k1, gej_double; 3M + 4S): L = 3/2 X^2, X' = L^2 - 2XY^2, Y' = L(XY^2 - X') - Y^4. */
export function double(point: i32): void {
  multiply(point + Z, point + Y, point + Z);
  square(T0, point + X);
  square(T1, point + Y);
  threeHalves(T0, T0);
  multiply(T2, point + X, T1);
  square(T3, T0);
  square(T1, T1);
  subtractTwice(point + X, T3, T2);
  subtract(T2, T2, point + X);
  multiply(T0, T0, T2);
  subtract(point + Y, T0, T1);
}

/** Adds an affine point to `point` in place (EFD, "madd"; 8M + 3S); RATIO = Z'/Z. */
export function addAffine(point: i32, x: i32, y: i32): void {
  square(T0, point + Z);
  multiply(T1, point + Z, T0);
  multiply(T0, x, T0);
  multiply(T1, y, T1);
  subtract(RATIO, T0, point + X);
  subtract(T1, T1, point + Y);
  square(T0, RATIO);
  multiply(point + Z, point + Z, RATIO);
  multiply(T2, point + X, T0);
  multiply(T0, RATIO, T0);
  square(T3, T1);
  multiply(T4, point + Y, T0);
  subtract(T3, T3, T0);
  subtractTwice(point + X, T3, T2);
  subtract(T2, T2, point + X);
  multiply(T1, T1, T2);
  subtract(point + Y, T1, T4);
}

/** The affine point as a Jacobian one. */
export function fromAffine(point: i32, x: i32, y: i32): void {
  copyElement(point + X, x);
  copyElement(point + Y, y);
  setOne(point + Z);
}

export function copyPoint(out: i32, point: i32): void {
  memory.copy(out, point, POINT);
}

export function setOne(element: i32): void {
  memory.fill(element, 0, ELEMENT);
  store<i32>(element, 1);
  store<i32>(element, 1, 4);
}
