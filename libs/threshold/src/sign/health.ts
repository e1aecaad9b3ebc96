/** The health check of a fresh key: the only message that nodes sign without a request (specification section 3, R4). */
import { H } from '../hash';
import { type SigningRequest } from './online';
import { type Point } from '../group/point';

const NO_REQUEST = Buffer.alloc(32);

/** m32 = H("health", keyId, epoch, presigId). */
export function healthMessage(keyId: Buffer, epoch: number, presignatureId: Buffer): Buffer {
  return H('health', keyId, epoch, presignatureId);
}

/** The request of a health check: root path, request nonce of 32 zero bytes. One per (epoch, pair). */
export function healthRequest(
  key: { readonly keyId: Buffer; readonly epoch: number; readonly publicKey: Point },
  presignatureId: Buffer,
  committee: readonly number[],
): SigningRequest {
  const { keyId, epoch, publicKey } = key;
  return {
    publicKey,
    child: { tweak: 0n, publicKey },
    message32: healthMessage(keyId, epoch, presignatureId),
    requestNonce: NO_REQUEST,
    committee,
  };
}
