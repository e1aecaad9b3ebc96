/** Combination of the online shares to a signature (specification section 8.6). Works on public values only. */
import { InvalidInput, ProtocolFailure } from '../errors';
import { type OnlineShare, rerandomise, requestBinding, type SigningRequest } from './online';
import { type Point } from '../group/point';
import { invert, mod, Q, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { HALF_Q, verifySignature } from './signature-check';

/** A verified ECDSA signature in low-s form. */
export interface Signature {
  /** 32 B. */
  readonly r: Buffer;
  /** 32 B, at most q / 2. */
  readonly s: Buffer;
  /** The recovery bit: parity of y of the nonce point that belongs to s. */
  readonly yParity: 0 | 1;
  /** r || s, 64 B. */
  readonly signature: Buffer;
}

/** What the combiner knows: public values. */
export interface CombineInput {
  readonly presignatureId: Buffer;
  /** Nonce point of the presignature, before re-randomisation. */
  readonly R: Point;
  readonly request: SigningRequest;
  /** By committee member. */
  readonly shares: ReadonlyMap<number, OnlineShare>;
}

/**
 * s = (sum w) / (sum u'), low-s, with the recovery bit taken from R', verified under the child key.
 *
 * A failure does not mean "not signed": whoever holds all shares may have the signature. Treat the request as possibly
 * signed, never sign a conflicting one on the assumption that this one is dead.
 *
 * @throws ProtocolFailure AGREE `combine.req` (a signer saw another request; its index
 *   is for the operator, it convicts nobody), UNATTRIBUTED `combine.burn`, `combine.zero`,
 *   `combine.signature`
 * @throws InvalidInput when a member's share is missing or the request is malformed
 */
export function combineShares({ presignatureId, R, request, shares }: CombineInput): Signature {
  const randomised = rerandomise(presignatureId, R, request);
  if (!randomised) throw new ProtocolFailure('UNATTRIBUTED', 'combine.burn');
  const req = requestBinding(presignatureId, randomised, request);
  let [u, w] = [0n, 0n];
  for (const member of new Set(request.committee)) {
    const share = shares.get(member);
    if (!share) throw new InvalidInput(`no share of party ${member}`);
    if (!share.req.equals(req) || !share.presignatureId.equals(presignatureId)) {
      throw new ProtocolFailure('AGREE', 'combine.req', member);
    }
    u = mod(u + scalarFromBytes(share.u));
    w = mod(w + scalarFromBytes(share.w));
  }
  if (u === 0n || w === 0n) throw new ProtocolFailure('UNATTRIBUTED', 'combine.zero');

  const { r, rPrime } = randomised;
  const quotient = mod(w * invert(u));
  const isHigh = quotient > HALF_Q;
  const rBytes = scalarToBytes(r);
  const s = scalarToBytes(isHigh ? Q - quotient : quotient);
  const isOdd = rPrime[0] === 3;
  const signature = Buffer.concat([rBytes, s]);
  if (!verifySignature(signature, request.message32, request.child.publicKey)) {
    throw new ProtocolFailure('UNATTRIBUTED', 'combine.signature');
  }
  return { r: rBytes, s, yParity: isOdd === isHigh ? 0 : 1, signature };
}
