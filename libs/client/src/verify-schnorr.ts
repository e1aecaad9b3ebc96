import { createPublicKey, verify } from 'node:crypto';
import { schnorr } from '@noble/curves/secp256k1.js';

/** Schemes whose signatures are 64 bytes under the root key. */
export type SchnorrScheme = 'eddsa-ed25519' | 'bip340-secp256k1';

/**
 * Whether the 64 bytes are a signature of the message: RFC 8032 by Node's crypto, BIP-340 by noble-curves, neither of which
 * the signers use.
 *
 * @param publicKey 0x-hex: the 32 bytes of RFC 8032, or a compressed point of even y
 */
export function verifiesSchnorr(
  scheme: SchnorrScheme,
  signature: string,
  message: Uint8Array,
  publicKey: string,
): boolean {
  const [bytes, key] = [signature, publicKey].map((hex) => Buffer.from(hex.slice(2), 'hex'));
  if (bytes === undefined || key === undefined) return false;
  return scheme === 'eddsa-ed25519'
    ? verifiesEd25519(bytes, message, key)
    : verifiesBip340(bytes, message, key);
}

/** Whether a final's key is the root key; BIP-340 takes of the two points with the same x the one of even y. */
export function isKeyOf(scheme: SchnorrScheme, rootKey: string, publicKey: string): boolean {
  return scheme === 'eddsa-ed25519' ? publicKey === rootKey : publicKey === `0x02${rootKey.slice(4)}`;
}

function verifiesEd25519(signature: Uint8Array, message: Uint8Array, key: Buffer): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
  return key.length === 32 && verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

function verifiesBip340(signature: Uint8Array, message: Uint8Array, key: Buffer): boolean {
  return key.length === 33 && key[0] === 2 && schnorr.verify(signature, message, key.subarray(1));
}
