/**
 * Ed25519 (RFC 8032) over frames of 200 bytes to megabytes. libsodium has the faster curve and OpenSSL the faster SHA-512,
 * so the length decides: the signatures are the same bytes, and all nodes judge a frame with the same library.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { sodium } from '../group/sodium';

const SEED_BYTES = 32;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** From this length on OpenSSL signs faster: signing hashes twice. */
const LARGE_TO_SIGN = 16 * 1024;
/** From this length on OpenSSL verifies faster. */
const LARGE_TO_VERIFY = 64 * 1024;

/** Raw keys: reading a key object costs as much as a tenth of a signature. */
const rawKeys = new WeakMap<KeyObject, Buffer>();

/** Signs with a private Ed25519 key in this process. */
export function ed25519Signer(privateKey: KeyObject): (message: Uint8Array) => Buffer {
  const secretKey = sodium.sodium_malloc(SEED_BYTES + KEY_BYTES);
  const der = privateKey.export({ format: 'der', type: 'pkcs8' }); // ends with the seed (RFC 8410, section 7)
  sodium.crypto_sign_seed_keypair(Buffer.alloc(KEY_BYTES), secretKey, der.subarray(-SEED_BYTES));
  der.fill(0);
  return (message) => {
    if (message.length >= LARGE_TO_SIGN) return sign(null, message, privateKey);
    const signature = Buffer.alloc(SIGNATURE_BYTES);
    sodium.crypto_sign_detached(signature, message, secretKey);
    return signature;
  };
}

/** Whether `signature` (64 B) is the key's over the message. */
export function ed25519Verify(message: Uint8Array, publicKey: KeyObject, signature: Uint8Array): boolean {
  if (message.length >= LARGE_TO_VERIFY) return verify(null, message, publicKey, signature);
  return sodium.crypto_sign_verify_detached(signature, message, rawPublicKey(publicKey));
}

/** A raw 32-byte Ed25519 public key as a key object. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  const bytes = Buffer.from(raw);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  rawKeys.set(key, bytes);
  return key;
}

function rawPublicKey(key: KeyObject): Buffer {
  const known = rawKeys.get(key);
  if (known) return known;
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES); // RFC 8410, section 4
  rawKeys.set(key, raw);
  return raw;
}
