import {
  type Nonce,
  type NonceBatch,
  type Presignature,
  type PresignatureBatch,
  wipeNonce,
  wipePresignature,
} from '@quorate/threshold';

/**
 * The secrets for one signature: a presignature of an ECDSA key, or a nonce of a Schnorr key. `id` is the `presignatureId` of
 * records, 32 bytes: of a nonce its nonce id.
 */
export type OneShot =
  | { readonly kind: 'presignature'; readonly id: Buffer; readonly presignature: Presignature }
  | { readonly kind: 'nonce'; readonly id: Buffer; readonly nonce: Nonce };

/** What a presigning session leaves. */
export type OneShotBatch = PresignatureBatch | NonceBatch;

export function oneShotsOf(batch: OneShotBatch): OneShot[] {
  return 'nonces' in batch
    ? batch.nonces.map((nonce) => ({ kind: 'nonce', id: nonce.nonceId, nonce }))
    : batch.presignatures.map((presignature) => {
        return { kind: 'presignature', id: presignature.presignatureId, presignature };
      });
}

/** Overwrites the secrets. */
export function wipe(oneShot: OneShot): void {
  if (oneShot.kind === 'nonce') wipeNonce(oneShot.nonce);
  else wipePresignature(oneShot.presignature);
}
