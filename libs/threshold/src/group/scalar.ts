/**
 * Integers modulo the group order q (specification section 1).
 *
 * `bigint` is for public values and for arithmetic that the specification lets BigInt do. The functions on 32-byte
 * buffers are native and constant time; key generation uses only those for its secrets (section 15).
 */
import { timingSafeEqual } from 'node:crypto';
import {
  privateKeyNegate,
  privateKeyTweakAdd,
  privateKeyTweakMul,
  privateKeyVerify,
} from 'secp256k1/bindings';
import { InvalidInput } from '../errors';
import { type HashInput, hashToHalves, type Label } from '../hash';
import { Q } from './group-order';
import { type RandomSource } from '../random';

export { Q };

/** Length of an encoded scalar in bytes. */
export const SCALAR_BYTES = 32;

/** A scalar in [1, q): 32 bytes big-endian where it must be wiped after use, else a bigint. */
export type SecretScalar = Uint8Array | bigint;

/** The representative of `x` in [0, modulus). */
export function mod(x: bigint, modulus = Q): bigint {
  const remainder = x % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

/** Leading bits that the steps of {@link invert} are found with, and how large their factors may get. */
const LEADING_BITS = 48;
const MAX_FACTOR = 2 ** 26;

/**
 * Multiplicative inverse modulo a prime by the extended Euclidean algorithm. Variable time: public values only.
 *
 * Lehmer's form (Knuth, TAOCP volume 2, 4.5.2, algorithm L): most quotients follow from the leading bits, so that a dozen
 * steps on numbers stand for as many on bigints.
 *
 * @throws InvalidInput for a multiple of the prime
 */
export function invert(x: bigint, prime = Q): bigint {
  let [r0, r1] = [prime, mod(x, prime)];
  if (r1 === 0n) throw new InvalidInput('zero has no inverse');
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const [a, b, c, d] = leadingSteps(r0, r1);
    [r0, r1] = [a * r0 + b * r1, c * r0 + d * r1];
    [t0, t1] = [a * t0 + b * t1, c * t0 + d * t1];
  }
  return mod(t0, prime);
}

/** The matrix of the Euclidean steps from (r0, r1) that their leading bits determine; of one step when these do not. */
function leadingSteps(r0: bigint, r1: bigint): [a: bigint, b: bigint, c: bigint, d: bigint] {
  const shift = BigInt(Math.max(0, r0.toString(16).length * 4 - LEADING_BITS));
  let [x, y] = [Number(r0 >> shift), Number(r1 >> shift)];
  let [a, b, c, d] = [1, 0, 0, 1];
  while (y + c !== 0 && y + d !== 0) {
    const quotient = Math.floor((x + a) / (y + c));
    if (quotient !== Math.floor((x + b) / (y + d))) break;
    const [nextC, nextD] = [a - quotient * c, b - quotient * d];
    if (Math.abs(nextC) > MAX_FACTOR || Math.abs(nextD) > MAX_FACTOR) break;
    [a, b, c, d] = [c, d, nextC, nextD];
    [x, y] = [y, x - quotient * y];
  }
  return b === 0 ? [0n, 1n, 1n, -(r0 / r1)] : [BigInt(a), BigInt(b), BigInt(c), BigInt(d)];
}

/**
 * 32 bytes, big-endian.
 *
 * @throws InvalidInput outside [0, q)
 */
export function scalarToBytes(x: bigint): Buffer {
  if (x < 0n || x >= Q) throw new InvalidInput('scalar out of range');
  return Buffer.from(x.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
}

/** Parses 32 big-endian bytes; `undefined` for another length or a value >= q. */
export function parseScalar(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== SCALAR_BYTES) return undefined;
  const value = bytesToInteger(bytes);
  return value < Q ? value : undefined;
}

/**
 * {@link parseScalar} for bytes that are known to be canonical.
 *
 * @throws InvalidInput for another length or a value >= q
 */
export function scalarFromBytes(bytes: Uint8Array): bigint {
  const value = parseScalar(bytes);
  if (value === undefined) throw new InvalidInput('scalar is not 32 canonical bytes');
  return value;
}

/** The integer that the bytes encode, big-endian, not reduced. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.length === 0 ? 0n : BigInt(`0x${view.toString('hex')}`);
}

/** Uniform in [1, q), by rejection. */
export function randomScalar(random: RandomSource): bigint {
  const bytes = randomScalarBytes(random);
  const value = bytesToInteger(bytes);
  bytes.fill(0);
  return value;
}

/** Uniform in [1, q), by rejection, as 32 bytes big-endian that the caller wipes. */
export function randomScalarBytes(random: RandomSource): Buffer {
  for (;;) {
    const candidate = random(SCALAR_BYTES);
    if (privateKeyVerify(candidate)) return candidate;
    candidate.fill(0);
  }
}

/** Whether the bytes encode a scalar in [1, q). Constant time. */
export function isNonZeroScalar(bytes: Uint8Array): boolean {
  return bytes.length === SCALAR_BYTES && privateKeyVerify(bytes);
}

/** Whether 32 bytes encode a scalar in [0, q). Constant time. */
export function isCanonicalScalar(bytes: Uint8Array): boolean {
  return isNonZeroScalar(bytes) || (bytes.length === SCALAR_BYTES && timingSafeEqual(bytes, ZERO));
}

/**
 * a + b mod q in a new buffer, native and constant time. `a` is in [1, q), `b` in [0, q).
 *
 * @throws Error of the library for a sum of zero, which happens with probability 2^-256: fatal
 */
export function addScalarBytes(a: Uint8Array, b: Uint8Array): Buffer {
  return asBuffer(privateKeyTweakAdd(Buffer.from(a), b));
}

/** a * b mod q in a new buffer, native and constant time, for a and b in [1, q). */
export function multiplyScalarBytes(a: Uint8Array, b: Uint8Array): Buffer {
  return asBuffer(privateKeyTweakMul(Buffer.from(a), b));
}

const ZERO = Buffer.alloc(SCALAR_BYTES);
/** 2^256 mod q. */
const TWO_TO_256 = scalarToBytes(2n ** 256n % Q);

/**
 * HS(label, parts) of secret parts, as 32 bytes that the caller wipes: high * 2^256 + low mod q, native and constant time.
 *
 * @throws Error of the library for zero, as {@link addScalarBytes}
 */
export function secretScalarHash(label: Label, ...parts: readonly HashInput[]): Buffer {
  const [high, low] = hashToHalves(label, ...parts);
  try {
    // a half that is no scalar is as rare as a guessed key: 2^-127
    if (!isNonZeroScalar(high) || !isNonZeroScalar(low)) {
      return scalarToBytes(mod((bytesToInteger(high) << 256n) + bytesToInteger(low)));
    }
    privateKeyTweakMul(high, TWO_TO_256);
    return addScalarBytes(high, low);
  } finally {
    high.fill(0);
    low.fill(0);
  }
}

/** Overwrites a scalar in [1, q) with its negative and returns it; native and constant time. */
export function negateScalar(scalar: Buffer): Buffer {
  privateKeyNegate(scalar);
  return scalar;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
