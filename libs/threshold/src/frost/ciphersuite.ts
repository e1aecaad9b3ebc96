/**
 * The ciphersuites of FROST (RFC 9591, section 6): FROST(Ed25519, SHA-512) of section 6.1, whose signatures are those of
 * RFC 8032, and FROST for BIP-340 as the Zcash Foundation's frost-secp256k1-tr has it, which is section 6.5 with the
 * challenge of BIP-340 and keys and nonce points of even y. Hashes H1 to H5 as the RFC names them.
 *
 * Here a scalar is 32 bytes big-endian, as everywhere in this library; inside the hashes and in a signature it has the
 * form of the suite.
 */
import { hash } from 'node:crypto';
import { type Group } from '../group/group';
import { type Point, xCoordinate } from '../group/point';
import { bytesToInteger } from '../group/scalar';
import { groupOf, type SchnorrSuiteId } from '../suite';
import { expandMessage } from './expand-message';

export interface Ciphersuite {
  readonly group: Group;
  /** Whether public keys and nonce points stand for the one of two points that has an even y. */
  readonly xOnly: boolean;
  /** SerializeScalar. */
  encodeScalar(scalar: Uint8Array): Buffer;
  /** H1: a binding factor. */
  bindingFactor(input: Uint8Array): bigint;
  /** H2, as the single-signer scheme has it. */
  challenge(noncePoint: Point, publicKey: Point, message: Uint8Array): bigint;
  /** H3: a nonce, secret, constant time. */
  nonce(input: Uint8Array): Buffer;
  /** H4 */
  hashMessage(message: Uint8Array): Buffer;
  /** H5 */
  hashCommitments(encoded: Uint8Array): Buffer;
  /** The signature, 64 bytes. */
  encodeSignature(noncePoint: Point, z: Uint8Array): Buffer;
}

const ED25519_CONTEXT = 'FROST-ED25519-SHA512-v1';
const BIP340_CONTEXT = 'FROST-secp256k1-SHA256-TR-v1';
/** L of hash_to_field for secp256k1 (RFC 9591, section 6.5). */
const FIELD_INPUT_BYTES = 48;

const ed25519: Ciphersuite = {
  group: groupOf(3),
  xOnly: false,
  encodeScalar: reversed,
  bindingFactor: (input) => ed25519Scalar(Buffer.from(`${ED25519_CONTEXT}rho`), input),
  challenge: (noncePoint, publicKey, message) => ed25519Scalar(noncePoint, publicKey, message),
  nonce: (input) => reduceSecret(groupOf(3), sha512(Buffer.from(`${ED25519_CONTEXT}nonce`), input).reverse()),
  hashMessage: (message) => sha512(Buffer.from(`${ED25519_CONTEXT}msg`), message),
  hashCommitments: (encoded) => sha512(Buffer.from(`${ED25519_CONTEXT}com`), encoded),
  encodeSignature: (noncePoint, z) => Buffer.concat([noncePoint, reversed(z)]),
};

const bip340: Ciphersuite = {
  group: groupOf(4),
  xOnly: true,
  encodeScalar: (scalar) => Buffer.from(scalar),
  bindingFactor: (input) =>
    bytesToInteger(expandMessage(input, `${BIP340_CONTEXT}rho`, FIELD_INPUT_BYTES)) % groupOf(4).order,
  challenge: (noncePoint, publicKey, message) =>
    bytesToInteger(
      taggedHash('BIP0340/challenge', xCoordinate(noncePoint), xCoordinate(publicKey), message),
    ) % groupOf(4).order,
  nonce: (input) =>
    reduceSecret(groupOf(4), expandMessage(input, `${BIP340_CONTEXT}nonce`, FIELD_INPUT_BYTES)),
  hashMessage: (message) => sha256(Buffer.from(`${BIP340_CONTEXT}msg`), message),
  hashCommitments: (encoded) => sha256(Buffer.from(`${BIP340_CONTEXT}com`), encoded),
  encodeSignature: (noncePoint, z) => Buffer.concat([xCoordinate(noncePoint), z]),
};

export function ciphersuite(suite: SchnorrSuiteId): Ciphersuite {
  return suite === 3 ? ed25519 : bip340;
}

/** SHA-256(SHA-256(tag) || SHA-256(tag) || parts), 32 bytes (BIP-340). */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Buffer {
  const prefix = hash('sha256', tag, 'buffer');
  return sha256(prefix, prefix, ...parts);
}

/** Whether the point has an odd y, where a suite has x-only keys. */
export function isOdd(point: Point): boolean {
  return point[0] === 3;
}

/** 32 bytes big-endian; the scalar is in [0, 2^256). */
export function scalarBytes(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
}

function ed25519Scalar(...parts: readonly Uint8Array[]): bigint {
  return bytesToInteger(sha512(...parts).reverse()) % groupOf(3).order;
}

const LIMB_BYTES = 24;
/** 2^192: less than either group order. */
const LIMB = scalarBytes(1n << 192n);

/**
 * Secret bytes, big-endian, modulo the group order: Horner with limbs of 192 bits and the native arithmetic. Throws where
 * a limb or a sum is zero, which in the output of a hash happens with probability below 2^-127.
 */
function reduceSecret(group: Group, wide: Buffer): Buffer {
  const limbs: Buffer[] = [];
  for (let end = wide.length; end > 0; end -= LIMB_BYTES) {
    const limb = Buffer.alloc(32);
    const bytes = wide.subarray(Math.max(0, end - LIMB_BYTES), end);
    limb.set(bytes, 32 - bytes.length);
    limbs.unshift(limb);
  }
  wide.fill(0);
  return limbs.reduce((value, limb) => {
    const shifted = group.multiplyScalars(value, LIMB);
    const sum = group.addScalars(shifted, limb);
    for (const secret of [value, limb, shifted]) secret.fill(0);
    return sum;
  });
}

function reversed(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes).reverse();
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

/** The input may be secret. */
function sha512(...parts: readonly Uint8Array[]): Buffer {
  const input = Buffer.concat(parts);
  const digest = hash('sha512', input, 'buffer');
  input.fill(0);
  return digest;
}
