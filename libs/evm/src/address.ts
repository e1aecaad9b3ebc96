/** Addresses and signatures of secp256k1 keys, as Ethereum writes them. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { Invalid } from '@quorate/platform';
import { coordinates, parsePoint, type Point, recoverPublicKey } from '@quorate/threshold';

/** Half the group order: EIP-2 accepts only s at most this. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** An address costs a square root and a hash: remembered by public key. */
const addresses = new Map<string, string>();
const REMEMBERED_ADDRESSES = 4096;

/** An ECDSA signature as finals carry it: r and s 0x + 64 hex digits, s low. */
export interface EcdsaSignature {
  r: string;
  s: string;
  yParity: 0 | 1;
}

/**
 * The address of a compressed public key (0x-hex, 33 bytes), in lower case.
 *
 * @throws Invalid when it is no point of the curve.
 */
export function addressOf(publicKey: string | Uint8Array): string {
  const hex = typeof publicKey === 'string' ? publicKey : `0x${Buffer.from(publicKey).toString('hex')}`;
  if (!/^0x0[23][0-9a-fA-F]{64}$/.test(hex)) {
    throw new Invalid(
      'invalid',
      'The public key must be a compressed secp256k1 point: 0x02 or 0x03 and 32 bytes.',
    );
  }
  const known = addresses.get(hex);
  if (known !== undefined) return known;
  const point = parsePoint(bytesOf(hex));
  if (point === undefined) throw new Invalid('invalid', 'The public key is not a point of secp256k1.');
  const address = addressOfPoint(point);
  if (addresses.size >= REMEMBERED_ADDRESSES) addresses.clear();
  addresses.set(hex, address);
  return address;
}

/**
 * The address (lower case) whose key made `signature` over a 32-byte `digest` (0x-hex).
 *
 * @throws Invalid when the signature is malformed, has a high s, or recovers to nothing.
 */
export function recoverAddress(digest: string, signature: EcdsaSignature): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(digest))
    throw new Invalid('invalid', 'The digest must be 0x and 64 hex digits.');
  checkSignature(signature);
  const { r, s, yParity } = signature;
  const signer = recoverPublicKey(bytesOf(r + s.slice(2)), yParity, bytesOf(digest));
  if (signer === undefined) throw new Invalid('invalid', 'The signature does not recover to a public key.');
  return addressOfPoint(signer);
}

/**
 * Reads a signature strictly: lengths, low s (EIP-2), yParity 0 or 1.
 *
 * @throws Invalid
 */
function checkSignature({ r, s, yParity }: EcdsaSignature): void {
  const word = /^0x[0-9a-fA-F]{64}$/;
  if (!word.test(r) || !word.test(s)) throw new Invalid('invalid', 'r and s must be 0x and 64 hex digits.');
  if (yParity !== 0 && yParity !== 1) throw new Invalid('invalid', 'yParity must be 0 or 1.');
  if (BigInt(r) === 0n || BigInt(s) === 0n) throw new Invalid('invalid', 'r and s must not be zero.');
  if (BigInt(s) > halfOrder)
    throw new Invalid('invalid', 's is in the upper half of the group order (EIP-2).');
}

/** The last 20 bytes of keccak256(x || y). */
function addressOfPoint(point: Point): string {
  return `0x${Buffer.from(keccak_256(coordinates(point))).toString('hex', 12)}`;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}
