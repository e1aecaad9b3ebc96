/**
 * Points of secp256k1 in 33-byte compressed form (specification sections 1 and 15), on libsecp256k1.
 *
 * The identity has no encoding: where a sum may be the identity the result is `undefined`.
 *
 * Finding y from x costs more than adding two points. So both coordinates lie behind the 33 bytes of a point that was made
 * here, in the same memory, for the library's next call.
 */
import {
  ecdh,
  publicKeyCombine,
  publicKeyConvert,
  publicKeyCreate,
  publicKeyNegate,
  publicKeyTweakAdd,
  publicKeyTweakMul,
  publicKeyVerify,
} from 'secp256k1/bindings';
import { InvalidInput } from '../errors';
import { mod, scalarToBytes, type SecretScalar } from './scalar';

declare const pointBrand: unique symbol;

/** A valid point other than the identity: 33 bytes, prefix 02 or 03. Never written to after its creation. */
export type Point = Buffer & { readonly [pointBrand]: true };

/** Length of an encoded point in bytes. */
export const POINT_BYTES = 33;
/** 04 || x || y */
const UNCOMPRESSED_BYTES = 65;
const UNCOMPRESSED = 4;
/** The memory of a point and its coordinates; no other buffers have this length and one of their own. */
const BOTH_BYTES = POINT_BYTES + UNCOMPRESSED_BYTES;

/** What libsecp256k1's binding throws for a sum that is the identity; the arguments here are always in range. */
const IDENTITY_ERRORS: readonly string[] = [
  'The sum of the public keys is not valid',
  'The tweak was out of range or the resulted private key is invalid',
];

/** A copy of the bytes as a point; `undefined` unless they are the compressed form of a point on the curve. */
export function parsePoint(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== POINT_BYTES || (bytes[0] !== 2 && bytes[0] !== 3)) return undefined;
  try {
    return pointFrom(publicKeyConvert(bytes, false, roomForCoordinates()));
  } catch {
    return undefined;
  }
}

/** Whether the bytes are the compressed form of a point on the curve: for bytes that nobody else writes to. */
export function isPoint(bytes: Buffer): bytes is Point {
  return bytes.length === POINT_BYTES && (bytes[0] === 2 || bytes[0] === 3) && publicKeyVerify(bytes);
}

/**
 * secret * G, constant time.
 *
 * @throws InvalidInput for a secret outside [1, q)
 */
export function multiplyBase(secret: SecretScalar): Point {
  return withSecretBytes(secret, (bytes) => pointFrom(publicKeyCreate(bytes, false, roomForCoordinates())));
}

/**
 * secret * point, constant time (ecmult_const, through the library's Diffie-Hellman).
 *
 * @throws InvalidInput for a secret outside [1, q)
 */
export function multiplySecret(point: Point, secret: SecretScalar): Point {
  const x = new Uint8Array(32);
  const y = new Uint8Array(32);
  const product = withSecretBytes(secret, (bytes) =>
    asPoint(ecdh(operand(point), bytes, { hashfn: compress, xbuf: x, ybuf: y }, Buffer.alloc(POINT_BYTES))),
  );
  x.fill(0);
  y.fill(0);
  return product;
}

/**
 * scalar * point in variable time: public scalars only.
 *
 * @throws InvalidInput for a multiple of q
 */
export function multiplyPublic(point: Point, scalar: bigint): Point {
  const reduced = mod(scalar);
  if (reduced === 0n) throw new InvalidInput('the product with zero is the identity');
  return pointFrom(publicKeyTweakMul(operand(point), scalarToBytes(reduced), false, roomForCoordinates()));
}

/** The sum; `undefined` for the identity and for an empty list. */
export function addPoints(...points: readonly Point[]): Point | undefined {
  if (points.length === 0) return undefined;
  return unlessIdentity(() => publicKeyCombine(points.map(operand), false, roomForCoordinates()));
}

/** The negative: the same x, the other y. */
export function negatePoint(point: Point): Point {
  return pointFrom(publicKeyNegate(operand(point), false, roomForCoordinates()));
}

/** `ifOne` when the secret bit is 1, else `ifZero`, without a branch or an index that depends on it. Wipe the result. */
export function selectPoint(bit: number, ifOne: Point, ifZero: Point): Point {
  const [one, zero] = [bothCoordinates(ifOne), bothCoordinates(ifZero)];
  const mask = -bit;
  const selected = roomForCoordinates();
  for (let k = 0; k < UNCOMPRESSED_BYTES; k++) {
    const byte = zero[k] ?? 0;
    selected[k] = byte ^ (mask & (byte ^ (one[k] ?? 0)));
  }
  return pointFrom(selected);
}

/** Overwrites a secret point and its coordinates. */
export function wipePoint(point: Point): void {
  operand(point).fill(0);
  point.fill(0);
}

/** point + scalar * G in variable time (public scalars only); `undefined` for the identity. */
export function tweakAdd(point: Point, scalar: bigint): Point | undefined {
  const reduced = mod(scalar);
  if (reduced === 0n) return point;
  return unlessIdentity(() =>
    publicKeyTweakAdd(operand(point), scalarToBytes(reduced), false, roomForCoordinates()),
  );
}

/** x || y, 32 bytes each, big-endian: what an Ethereum address is the hash of. */
export function coordinates(point: Point): Buffer {
  return Buffer.from(bothCoordinates(point)).subarray(1);
}

/** The point with these coordinates: a copy of x || y, 64 bytes, which are of a point on the curve. */
export function pointFromCoordinates(coordinates: Uint8Array): Point {
  const uncompressed = roomForCoordinates();
  uncompressed[0] = UNCOMPRESSED;
  uncompressed.set(coordinates, 1);
  return pointFrom(uncompressed);
}

/** The x-coordinate, 32 bytes big-endian, not reduced. */
export function xCoordinate(point: Point): Buffer {
  return point.subarray(1);
}

function roomForCoordinates(): Uint8Array {
  return new Uint8Array(new ArrayBuffer(BOTH_BYTES), POINT_BYTES);
}

/** The point in front of its coordinates. */
function pointFrom(coordinates: Uint8Array): Point {
  const point = asPoint(Buffer.from(coordinates.buffer, 0, POINT_BYTES));
  point[0] = 2 | ((coordinates[UNCOMPRESSED_BYTES - 1] ?? 0) & 1);
  point.set(coordinates.subarray(1, POINT_BYTES), 1);
  return point;
}

/** What libsecp256k1 reads fastest: the coordinates where they are known, else the point as it is. */
export function operand(point: Point): Uint8Array {
  const { buffer } = point;
  return buffer.byteLength === BOTH_BYTES ? new Uint8Array(buffer, POINT_BYTES) : point;
}

function bothCoordinates(point: Point): Uint8Array {
  const coordinates = operand(point);
  return coordinates === point ? publicKeyConvert(point, false, roomForCoordinates()) : coordinates;
}

function asPoint(bytes: Uint8Array): Point {
  return bytes as Point;
}

function compress(x: Uint8Array, y: Uint8Array): Uint8Array {
  const compressed = new Uint8Array(POINT_BYTES);
  compressed[0] = 2 | ((y[31] ?? 0) & 1);
  compressed.set(x, 1);
  return compressed;
}

function unlessIdentity(sum: () => Uint8Array): Point | undefined {
  try {
    return pointFrom(sum());
  } catch (error) {
    if (error instanceof Error && IDENTITY_ERRORS.includes(error.message)) return undefined;
    throw error;
  }
}

function withSecretBytes(secret: SecretScalar, operation: (bytes: Uint8Array) => Point): Point {
  const bytes = typeof secret === 'bigint' ? scalarToBytes(secret) : secret;
  try {
    return operation(bytes);
  } catch {
    throw new InvalidInput('secret scalar out of range');
  } finally {
    if (bytes !== secret) bytes.fill(0);
  }
}
