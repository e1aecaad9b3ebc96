import { multiplyBase } from '../group/point';
import { mod } from '../group/scalar';
import { type Presignature, type PresignatureBatch } from '../presign/presignature';
import { combineShares, type Signature } from '../sign/combine';
import { onlineShare, type OnlineShare, type SigningRequest } from '../sign/online';

/** One presignature of every signer. */
export type Signers = ReadonlyMap<number, Presignature>;

/** Copies of presignature p of every signer: what a restored backup of their memories would give. */
export function copyPresignatures(batches: ReadonlyMap<number, PresignatureBatch>, p: number): Signers {
  return new Map([...batches].map(([index, { presignatures }]) => [index, copyOf(presignatures[p])]));
}

/** A copy with secrets of its own. */
export function copyOf(presignature: Presignature | undefined): Presignature {
  if (!presignature) throw new RangeError('no such presignature');
  const { phi, u, v } = presignature;
  return { ...presignature, phi: Buffer.from(phi), u: Buffer.from(u), v: Buffer.from(v) };
}

/** A request for the child with this tweak of a key that the test knows. */
export function requestFor(
  secretKey: bigint,
  committee: readonly number[],
  message32: Buffer,
  tweak = 0n,
): SigningRequest {
  const child = { tweak, publicKey: multiplyBase(mod(secretKey + tweak)) };
  return {
    publicKey: multiplyBase(secretKey),
    child,
    message32,
    requestNonce: Buffer.alloc(32, 9),
    committee,
  };
}

/** The online shares of all signers; their presignatures are consumed. */
export function onlineShares(signers: Signers, request: SigningRequest): Map<number, OnlineShare> {
  return new Map(
    [...signers].map(([index, presignature]) => {
      const result = onlineShare(presignature, request);
      if (result.kind !== 'share') throw new RangeError('burnt');
      return [index, result.share];
    }),
  );
}

/** The signature of these shares, as a combiner makes it. */
export function combined(
  signers: Signers,
  request: SigningRequest,
  shares: ReadonlyMap<number, OnlineShare>,
): Signature {
  const [any] = [...signers.values()];
  if (!any) throw new RangeError('no signers');
  const { presignatureId, R } = any;
  return combineShares({ presignatureId, R, request, shares });
}

export function signWith(signers: Signers, request: SigningRequest): Signature {
  return combined(signers, request, onlineShares(signers, request));
}
