import { sign, verify } from 'node:crypto';
import { type Ed25519 } from './ed25519';
import { hasSmallOrder } from './small-order';
import { pointOf } from './key-bytes';

const SIGNATURE_BYTES = 64;

/** Ed25519 with OpenSSL, which takes keys and R of small order: refused here, as libsodium does. */
export const nodeEd25519: Ed25519 = {
  sign(message, privateKey) {
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is not an Ed25519 key');
    return sign(null, message, privateKey);
  },
  verify(message, publicKey, signature) {
    const point = pointOf(publicKey);
    if (point === undefined || signature.length !== SIGNATURE_BYTES) return false;
    if (hasSmallOrder(point) || hasSmallOrder(signature.subarray(0, 32))) return false;
    return verify(null, message, publicKey, signature);
  },
};
