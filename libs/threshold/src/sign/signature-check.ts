/** Checks of finished ECDSA signatures (SEC 1, sections 4.1.4 and 4.1.6), on libsecp256k1. Public values only. */
import { ecdsaRecover, ecdsaVerify } from 'secp256k1/bindings';
import { operand, type Point, POINT_BYTES } from '../group/point';
import { Q, scalarToBytes } from '../group/scalar';

/** The largest s of a low-s signature. */
export const HALF_Q = Q / 2n;
const HALF_Q_BYTES = scalarToBytes(HALF_Q);

/** Whether r || s (64 B, low-s) is a signature of the digest under the key. Every signer checks what it is shown, too. */
export function verifySignature(signature: Uint8Array, message32: Uint8Array, publicKey: Point): boolean {
  if (signature.length !== 64 || message32.length !== 32) return false;
  try {
    return ecdsaVerify(signature, message32, operand(publicKey));
  } catch {
    return false; // r or s is not a scalar
  }
}

/**
 * The key that made r || s (64 B) over the digest; `undefined` for a high s and for what recovers to nothing. That it is
 * the expected key says all that {@link verifySignature} says, and that the recovery bit is right as well.
 */
export function recoverPublicKey(
  signature: Uint8Array,
  yParity: 0 | 1,
  message32: Uint8Array,
): Point | undefined {
  if (signature.length !== 64 || message32.length !== 32) return undefined;
  if (HALF_Q_BYTES.compare(signature, 32) < 0) return undefined;
  try {
    return ecdsaRecover(signature, yParity, message32, true, Buffer.alloc(POINT_BYTES)) as Point;
  } catch {
    return undefined; // r or s is not a scalar, or r is not the x of a point
  }
}
