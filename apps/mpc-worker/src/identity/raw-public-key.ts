import { type KeyObject } from 'node:crypto';
import { identityJwk } from '@quorate/platform';

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(identityJwk(key).x, 'base64url');
}
