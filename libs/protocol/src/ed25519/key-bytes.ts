import { type KeyObject } from 'node:crypto';
import { publicKeyBytes } from '@quorate/platform';

const SEED_BYTES = 32;

/** Reading a key object costs as much as checking a signature: read once. */
const points = new WeakMap<KeyObject, Buffer>();

/** The encoded point (32 B) of an Ed25519 key; undefined for another kind of key. */
export function pointOf(key: KeyObject): Buffer | undefined {
  const known = points.get(key);
  if (known !== undefined) return known;
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  const point = publicKeyBytes(key);
  points.set(key, point);
  return point;
}

/**
 * Calls `use` with the seed (32 B) of an Ed25519 private key, and wipes it.
 * @throws TypeError for another key
 */
export function withSeed<T>(key: KeyObject, use: (seed: Uint8Array) => T): T {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('the key is not an Ed25519 private key');
  }
  // The seed is the end of a PrivateKeyInfo of version 1 (RFC 8410, section 7), which is what OpenSSL writes.
  const der = key.export({ format: 'der', type: 'pkcs8' });
  try {
    return use(der.subarray(-SEED_BYTES));
  } finally {
    der.fill(0);
  }
}
