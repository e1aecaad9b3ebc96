/**
 * The prime-order subgroup of edwards25519 (RFC 8032, section 5.1) as a {@link Group}: points are the 32 bytes of RFC 8032,
 * the arithmetic is libsodium's. libsodium's scalars are little-endian, ours big-endian as everywhere in this library.
 */
import { InvalidInput } from '../errors';
import { H } from '../hash';
import { type RandomSource } from '../random';
import { type Group } from './group';
import { type Point } from './point';
import { sodium } from './sodium';
import { wideProduct } from './wide-product';

/** 2^252 + 27742317777372353535851937790883648493 */
export const ED25519_ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

const POINT_BYTES = 32;
const SCALAR_BYTES = 32;
const IDENTITY = Buffer.from('01'.padEnd(2 * POINT_BYTES, '0'), 'hex');
const ORDER_BYTES = toBytes(ED25519_ORDER);

export const ed25519Group: Group = {
  name: 'ed25519',
  order: ED25519_ORDER,
  pointBytes: POINT_BYTES,

  parsePoint(bytes) {
    const isPoint = bytes.length === POINT_BYTES && sodium.crypto_core_ed25519_is_valid_point(bytes);
    return isPoint ? (Buffer.from(bytes) as Point) : undefined;
  },

  multiplyBase(secret) {
    return multiply(secret, (product, scalar) => {
      sodium.crypto_scalarmult_ed25519_base_noclamp(product, scalar);
    });
  },

  multiplySecret(point, secret) {
    return multiply(secret, (product, scalar) => {
      sodium.crypto_scalarmult_ed25519_noclamp(product, scalar, point);
    });
  },

  multiplyPublic(point, scalar) {
    const remainder = scalar % ED25519_ORDER;
    const reduced = remainder < 0n ? remainder + ED25519_ORDER : remainder;
    if (reduced === 0n) throw new InvalidInput('the product with zero is the identity');
    return ed25519Group.multiplySecret(point, toBytes(reduced));
  },

  addPoints(...points) {
    const [first, ...others] = points;
    if (!first) return undefined;
    const sum = Buffer.from(first);
    for (const point of others) sodium.crypto_core_ed25519_add(sum, sum, point);
    return sum.equals(IDENTITY) ? undefined : (sum as Point);
  },

  negatePoint(point) {
    const negative = Buffer.from(point) as Point;
    negative[POINT_BYTES - 1] = point.readUInt8(POINT_BYTES - 1) ^ 0x80;
    return negative;
  },

  /** Elligator 2 on H("h2p/x", digest, ctr), times the cofactor; ctr = 0 unless that is the identity. */
  hashToPoint(digest) {
    const point = Buffer.alloc(POINT_BYTES);
    for (let counter = 0; ; counter++) {
      sodium.crypto_core_ed25519_from_uniform(point, H('h2p/x', digest, counter));
      if (!point.equals(IDENTITY)) return point as Point;
    }
  },

  randomScalar(random: RandomSource) {
    for (;;) {
      const candidate = random(SCALAR_BYTES);
      candidate[0] = candidate.readUInt8(0) & 0x1f; // 253 bits: every second candidate is below the order
      if (isNonZeroScalar(candidate)) return candidate;
      candidate.fill(0);
    }
  },

  isNonZeroScalar,

  addScalars(a, b) {
    const [x, y] = [reversed(a), reversed(b)];
    sodium.crypto_core_ed25519_scalar_add(x, x, y);
    y.fill(0);
    return x.reverse();
  },

  multiplyScalars(a, b) {
    const wide = wideProduct(a, b).reverse();
    const product = Buffer.alloc(SCALAR_BYTES);
    sodium.crypto_core_ed25519_scalar_reduce(product, wide);
    wide.fill(0);
    return product.reverse();
  },
};

/** Whether 0 < bytes < order: a subtraction byte by byte whose last borrow decides, and an OR over all bytes. */
function isNonZeroScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== SCALAR_BYTES) return false;
  let borrow = 0;
  let bits = 0;
  for (let k = SCALAR_BYTES - 1; k >= 0; k--) {
    const byte = bytes[k] ?? 0;
    borrow = ((byte - ORDER_BYTES.readUInt8(k) - borrow) >> 8) & 1;
    bits |= byte;
  }
  return ((borrow & ((bits + 0xff) >> 8)) | 0) === 1;
}

function multiply(secret: Uint8Array, operation: (product: Buffer, scalar: Buffer) => void): Point {
  if (!isNonZeroScalar(secret)) throw new InvalidInput('secret scalar out of range');
  const scalar = reversed(secret);
  const product = Buffer.alloc(POINT_BYTES);
  operation(product, scalar);
  scalar.fill(0);
  return product as Point;
}

function reversed(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes).reverse();
}

function toBytes(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
}
