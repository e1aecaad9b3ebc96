import { type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Sodium from 'sodium-native';
import { type Ed25519 } from './ed25519';
import { pointOf, withSeed } from './key-bytes';

const POINT_BYTES = 32;
const SECRET_KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;

/** RFC 8032, section 7.1, TEST 1: the seed, and the signature of no bytes. */
const KNOWN_SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const KNOWN_SIGNATURE = Buffer.from(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  'hex',
);

/** Ed25519 with libsodium; undefined where its binary is missing, does not load, or gives a wrong answer. */
export function loadSodiumEd25519(): Ed25519 | undefined {
  try {
    const sodium = createRequire(__filename)('sodium-native') as typeof Sodium;
    const signature = Buffer.alloc(SIGNATURE_BYTES);
    sodium.crypto_sign_detached(signature, Buffer.alloc(0), secretKeyOf(sodium, KNOWN_SEED));
    return signature.equals(KNOWN_SIGNATURE) ? sodiumEd25519(sodium) : undefined;
  } catch {
    return undefined;
  }
}

function sodiumEd25519(sodium: typeof Sodium): Ed25519 {
  const secretKeys = new WeakMap<KeyObject, Buffer>();
  const secretKey = (key: KeyObject): Buffer => {
    const known = secretKeys.get(key) ?? withSeed(key, (seed) => secretKeyOf(sodium, seed));
    secretKeys.set(key, known);
    return known;
  };
  return {
    sign(message, privateKey) {
      const signature = Buffer.allocUnsafe(SIGNATURE_BYTES);
      sodium.crypto_sign_detached(signature, message, secretKey(privateKey));
      return signature;
    },
    verify(message, publicKey, signature) {
      const point = pointOf(publicKey);
      if (point === undefined || signature.length !== SIGNATURE_BYTES) return false;
      return sodium.crypto_sign_verify_detached(signature, message, point);
    },
  };
}

/** Seed || public key, in memory that is neither swapped nor dumped. */
function secretKeyOf(sodium: typeof Sodium, seed: Uint8Array): Buffer {
  const secretKey = sodium.sodium_malloc(SECRET_KEY_BYTES);
  sodium.crypto_sign_seed_keypair(Buffer.alloc(POINT_BYTES), secretKey, seed);
  return secretKey;
}
