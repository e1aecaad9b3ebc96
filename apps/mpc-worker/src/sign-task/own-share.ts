import { toHex } from '@quorate/protocol';
import {
  type ChildKey,
  frostShare,
  InvalidInput,
  type Nonce,
  onlineShare,
  type Point,
  type Presignature,
  ProtocolFailure,
  type SchnorrKeyShare,
} from '@quorate/threshold';
import { type OneShot, wipe } from '../presignature-pool/one-shot';

/** What signs besides the presignature: the child key, or this node's share of a Schnorr key, which it keeps. */
export type Signer =
  | { readonly kind: 'ecdsa'; readonly publicKey: Point; readonly child: ChildKey }
  | { readonly kind: 'schnorr'; readonly share: SchnorrKeyShare };

/** What is signed, as this node derived it. */
export interface Signed {
  /** 32 bytes for an ECDSA key. */
  readonly message: Buffer;
  readonly requestNonce: Buffer;
  /** Indices of exactly the members that share the presignature. */
  readonly committee: readonly number[];
}

/** This node's share of one signature; public once it is published. */
export interface OwnShare {
  /** R_i of the presignature, or the own hiding commitment: a second use of it is a restored or cloned machine. */
  readonly ownNoncePoint: Buffer;
  /** As the record has it: `u` and `w`, or `z`. */
  readonly values: Readonly<Record<'req' | 'u' | 'w', string>> | Readonly<Record<'req' | 'z', string>>;
}

/**
 * The share out of one presignature or nonce, whose secrets are wiped, whatever happens (threshold-ecdsa.md 8; RFC 9591, 5.2).
 *
 * @returns undefined when no signature can come from it, or when it does not fit key, committee or message: the tasks that share
 *   a commit with this one do not fail for that
 */
export function ownShare(oneShot: OneShot, signer: Signer, signed: Signed): OwnShare | undefined {
  try {
    if (oneShot.kind === 'presignature' && signer.kind === 'ecdsa') {
      return ecdsaShare(oneShot.presignature, signer, signed);
    }
    if (oneShot.kind === 'nonce' && signer.kind === 'schnorr') {
      return schnorrShare(oneShot.nonce, signer.share, signed);
    }
    return undefined;
  } catch (error) {
    wipe(oneShot);
    if (error instanceof InvalidInput || error instanceof ProtocolFailure) return undefined;
    throw error;
  }
}

function ecdsaShare(
  presignature: Presignature,
  { publicKey, child }: Signer & { kind: 'ecdsa' },
  { message, requestNonce, committee }: Signed,
): OwnShare | undefined {
  const { ownNoncePoint } = presignature;
  const request = { publicKey, child, message32: message, requestNonce, committee };
  const result = onlineShare(presignature, request);
  if (result.kind === 'burn') return undefined;
  const { req, u, w } = result.share;
  return { ownNoncePoint, values: { req: toHex(req), u: toHex(u), w: toHex(w) } };
}

function schnorrShare(
  nonce: Nonce,
  share: SchnorrKeyShare,
  { message, committee }: Signed,
): OwnShare | undefined {
  const own = nonce.commitments.get(share.index);
  if (own === undefined) throw new InvalidInput('the nonce is not that of this party');
  const request = { message, publicKey: share.publicKey, tweak: { kind: 'none' }, committee } as const;
  const { req, z } = frostShare(nonce, share, request);
  return { ownNoncePoint: own.hiding, values: { req: toHex(req), z: toHex(z) } };
}
