/**
 * Secret sharing (Shamir, "How to Share a Secret", CACM 22, 1979): any t of n shares give the secret, fewer say nothing
 * about it. Shares are points of a polynomial over the scalars of a group, so that Feldman's and Pedersen's commitments to
 * it can be verified (feldman.ts, pedersen.ts).
 *
 * Secret are the secret itself, every share and the random coefficients: they are Buffers that the caller wipes, and the
 * arithmetic on them is constant time. Public are t, the indices, and whether shares fit together. Coefficients are
 * uniform in [1, order) instead of [0, order), a difference of less than 2^-250 that the caller of t - 1 shares could use.
 */
import { timingSafeEqual } from 'node:crypto';
import { InvalidInput } from '../errors';
import { type Group } from '../group/group';
import { SCALAR_BYTES, scalarToBytes } from '../group/scalar';
import { H } from '../hash';
import { type RandomSource } from '../random';
import { MAX_INDEX } from '../session/session-start';
import { evaluate, lagrangeCoefficient, type Polynomial, randomPolynomial } from './polynomial';

/** How many shares give the secret, and who gets one. */
export interface SharingPolicy {
  /** t, at least 2: one share alone never is the secret. */
  readonly threshold: number;
  /** The x-coordinates of the shares: at least t, distinct, 1 to 65534. */
  readonly indices: readonly number[];
}

/** Longest byte string that {@link splitBytes} takes. */
export const MAX_SECRET_BYTES = 32;
/** Length of a share of a byte string: one scalar for each half. */
export const BYTES_SHARE_BYTES = 2 * SCALAR_BYTES;

/**
 * Shares of a scalar.
 *
 * @param secret 32 bytes big-endian in [1, order). A random 32-byte string may be out of range, and reducing it would
 *   give back another one: for such secrets there is {@link splitBytes}
 * @returns 32 bytes by index, secret
 * @throws InvalidInput for a secret out of range or an impossible policy
 */
export function splitScalar(
  group: Group,
  secret: Uint8Array,
  policy: SharingPolicy,
  random: RandomSource,
): Map<number, Buffer> {
  const polynomial = polynomialWith(group, secret, policy, random);
  const shares = sharesOf(group, polynomial, policy.indices);
  for (const coefficient of polynomial) coefficient.fill(0);
  return shares;
}

/**
 * The shared scalar. Every share beyond t is compared with the polynomial that the first t define.
 *
 * With exactly t shares there is nothing to compare: a wrong share then gives a wrong secret. Who must know which share is
 * wrong uses feldman.ts or pedersen.ts.
 *
 * @param shares by index, as {@link splitScalar} made them; any bytes
 * @returns 32 bytes big-endian, secret; `undefined` when a share is no scalar, the shares contradict each other, or what they
 *   share is zero, which no secret is
 * @throws InvalidInput for fewer than t shares or an impossible policy
 */
export function combineScalar(
  group: Group,
  threshold: number,
  shares: ReadonlyMap<number, Uint8Array>,
): Buffer | undefined {
  const indices = [...shares.keys()];
  checkPolicy({ threshold, indices });
  if (![...shares.values()].every((share) => isZero(share) || group.isNonZeroScalar(share))) return undefined;
  const base = new Map(indices.slice(0, threshold).map((index) => [index, shares.get(index) ?? ZERO]));
  for (const index of indices.slice(threshold)) {
    const expected = interpolate(group, base, index);
    const isOn = timingSafeEqual(expected, shares.get(index) ?? ZERO);
    expected.fill(0);
    if (!isOn) return undefined;
  }
  const secret = interpolate(group, base, 0);
  return isZero(secret) ? undefined : secret;
}

/**
 * Shares of a byte string of 1 to 32 bytes, in either group: a scalar is too small for 32 bytes, so each half of the string
 * is shared as the scalar 01 || half || 14 bytes of H("share/check", number of the half, string). It is below 2^249 and
 * never zero, and tells the length of the half: every string has shares, and comes back as it was or not at all.
 *
 * @returns 64 bytes by index, secret; their length says nothing about the length of the string
 * @throws InvalidInput for another length or an impossible policy
 */
export function splitBytes(
  group: Group,
  secret: Uint8Array,
  policy: SharingPolicy,
  random: RandomSource,
): Map<number, Buffer> {
  if (secret.length < 1 || secret.length > MAX_SECRET_BYTES) {
    throw new InvalidInput('a secret has 1 to 32 bytes');
  }
  const middle = Math.ceil(secret.length / 2);
  const halves = [secret.subarray(0, middle), secret.subarray(middle)].map((half, number) => {
    const scalar = encodeHalf(half, checkOf(secret, number));
    const shares = splitScalar(group, scalar, policy, random);
    scalar.fill(0);
    return shares;
  });
  return new Map(
    policy.indices.map((index) => {
      const parts = halves.map((shares) => shares.get(index) ?? ZERO);
      const share = Buffer.concat(parts);
      for (const part of parts) part.fill(0);
      return [index, share];
    }),
  );
}

/**
 * The byte string that {@link splitBytes} shared. Wrong shares are noticed, also among exactly t, by the check; only a
 * holder that knows the string could make shares of another one.
 *
 * @returns the string, secret; `undefined` for shares that do not fit together
 * @throws InvalidInput for fewer than t shares or an impossible policy
 */
export function combineBytes(
  group: Group,
  threshold: number,
  shares: ReadonlyMap<number, Uint8Array>,
): Buffer | undefined {
  const scalars = [0, SCALAR_BYTES].map((offset) => {
    const parts = [...shares].map(
      ([index, share]) => [index, share.subarray(offset, offset + SCALAR_BYTES)] as const,
    );
    return combineScalar(group, threshold, new Map(parts));
  });
  const isWhole = [...shares.values()].every((share) => share.length === BYTES_SHARE_BYTES);
  const [first, second] = scalars.map((scalar) => scalar && decodeHalf(scalar));
  const secret = first && second && Buffer.concat([first.half, second.half]);
  const fits =
    isWhole && secret && [first, second].every(({ check }, k) => timingSafeEqual(check, checkOf(secret, k)));
  for (const scalar of scalars) scalar?.fill(0);
  if (!fits) secret?.fill(0);
  return fits ? secret : undefined;
}

/**
 * A polynomial whose constant is a copy of the secret.
 *
 * @throws InvalidInput for a secret outside [1, order) or an impossible policy
 */
export function polynomialWith(
  group: Group,
  secret: Uint8Array,
  policy: SharingPolicy,
  random: RandomSource,
): Polynomial {
  checkPolicy(policy);
  if (!group.isNonZeroScalar(secret))
    throw new InvalidInput('the secret is no scalar of the group other than zero');
  return randomPolynomial(group, policy.threshold, random, Buffer.from(secret));
}

/** f(i) for each index i. */
export function sharesOf(
  group: Group,
  polynomial: Polynomial,
  indices: readonly number[],
): Map<number, Buffer> {
  return new Map(indices.map((index) => [index, evaluate(group, polynomial, index)]));
}

const ZERO = Buffer.alloc(SCALAR_BYTES);
const HALF_BYTES = MAX_SECRET_BYTES / 2;
const CHECK_BYTES = 14;
const MARK = 1;

/** 01 || half || check, 32 bytes with zeros before. */
function encodeHalf(half: Uint8Array, check: Uint8Array): Buffer {
  const encoded = Buffer.concat([Buffer.from([MARK]), half, check]);
  const scalar = Buffer.concat([Buffer.alloc(SCALAR_BYTES - encoded.length), encoded]);
  encoded.fill(0);
  return scalar;
}

/** Views of the scalar; `undefined` for what is no {@link encodeHalf}. */
function decodeHalf(scalar: Buffer): { readonly half: Buffer; readonly check: Buffer } | undefined {
  const mark = scalar.findIndex((byte) => byte !== 0);
  const half = scalar.subarray(mark + 1, -CHECK_BYTES);
  const isHalf = scalar[mark] === MARK && half.length <= HALF_BYTES;
  return isHalf ? { half, check: scalar.subarray(-CHECK_BYTES) } : undefined;
}

function checkOf(secret: Uint8Array, number: number): Buffer {
  return H('share/check', number, secret).subarray(0, CHECK_BYTES);
}

/**
 * The polynomial through the points, at x: the sum of lambda_i * s_i, constant time but for shares of zero.
 *
 * Summed behind a mask, a hash of the shares: the native addition refuses a sum of zero, and dealers could choose shares of
 * which some sum to it, so that the secret would depend on the order of the shares.
 */
function interpolate(group: Group, points: ReadonlyMap<number, Uint8Array>, x: number): Buffer {
  const indices = [...points.keys()];
  const mask = maskOf([...points.values()]);
  let sum: Buffer = Buffer.from(mask);
  const add = (term: Buffer) => {
    const next = group.addScalars(sum, term);
    for (const secret of [sum, term]) secret.fill(0);
    sum = next;
  };
  for (const [index, share] of points) {
    const lambda = lagrangeCoefficient(group, indices, index, x);
    if (lambda !== 0n && !isZero(share)) add(group.multiplyScalars(share, scalarToBytes(lambda)));
  }
  const value = timingSafeEqual(sum, mask) ? Buffer.alloc(SCALAR_BYTES) : undefined;
  if (!value) add(group.multiplyScalars(mask, scalarToBytes(group.order - 1n)));
  mask.fill(0);
  return value ?? sum;
}

/** Below 2^252, so a scalar of either group, and not zero. */
function maskOf(shares: readonly Uint8Array[]): Buffer {
  const mask = H('share/mask', shares.length, ...shares);
  mask[0] = mask.readUInt8(0) & 0x0f;
  mask[SCALAR_BYTES - 1] = mask.readUInt8(SCALAR_BYTES - 1) | 1;
  return mask;
}

function isZero(scalar: Uint8Array): boolean {
  return scalar.length === SCALAR_BYTES && timingSafeEqual(scalar, ZERO);
}

/** Whether a party of a sharing can have the index: 1 to 65534. */
export function isShareIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 1 && index <= MAX_INDEX;
}

function checkPolicy({ threshold, indices }: SharingPolicy): void {
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > indices.length) {
    throw new InvalidInput('at least 2 shares, and at most all of them, give the secret');
  }
  if (!indices.every(isShareIndex) || new Set(indices).size !== indices.length) {
    throw new InvalidInput('share indices are distinct, from 1 to 65534');
  }
}
