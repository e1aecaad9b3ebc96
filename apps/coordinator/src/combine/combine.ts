import { addressOf } from '@quorate/evm';
import { fromHex, parseDerivationPath, type SignPartial, toHex } from '@quorate/protocol';
import {
  combineShares,
  InvalidInput,
  type OnlineShare,
  parseOnlineShare,
  parsePoint,
  ProtocolFailure,
} from '@quorate/threshold';
import { type UsableKey } from '../key-registry/key-registry';
import { type CommitteeChosen, type EcdsaSignature, type SignRequested } from '../sign-request/events';

export type Combination =
  | {
      readonly kind: 'signature';
      readonly signature: EcdsaSignature;
      /** The child key, compressed, 0x-hex. */
      readonly publicKey: string;
      readonly address: string;
    }
  | { readonly kind: 'failure'; readonly reason: string };

/**
 * Combines the partials of all committee members into a signature that verifies under the child key
 * (threshold-ecdsa.md 8.6). The digest is the coordinator's own, never the one in a partial.
 */
export function combine(
  key: UsableKey,
  request: SignRequested,
  attempt: CommitteeChosen,
  partials: readonly SignPartial[],
): Combination {
  if (request.digest === null) return { kind: 'failure', reason: 'the request has no digest' };
  const [publicKey, R] = [parsePoint(fromHex(key.publicKey)), parsePoint(fromHex(attempt.noncePoint))];
  if (publicKey === undefined || R === undefined) return { kind: 'failure', reason: 'malformed nonce point' };
  if (key.children === undefined) return { kind: 'failure', reason: `${key.scheme} has no ECDSA shares` };
  const child = key.children.derive(parseDerivationPath(request.path ?? undefined));
  const indexOf = (node: string) => key.indices.get(node) ?? 0;
  const shares = new Map<number, OnlineShare>();
  for (const partial of partials) {
    const { presignatureId, req, u = '0x', w = '0x' } = partial;
    const share = parseOnlineShare(Buffer.concat([presignatureId, req, u, w].map(fromHex)));
    if (share === undefined) return { kind: 'failure', reason: `malformed share of ${partial.node}` };
    shares.set(indexOf(partial.node), share);
  }
  try {
    const { r, s, yParity } = combineShares({
      presignatureId: fromHex(attempt.presignatureId),
      R,
      request: {
        publicKey,
        child,
        message32: fromHex(request.digest),
        requestNonce: fromHex(request.nonce),
        committee: attempt.committee.map(indexOf),
      },
      shares,
    });
    const signature: EcdsaSignature = { r: toHex(r), s: toHex(s), yParity };
    const childKey = toHex(child.publicKey);
    return { kind: 'signature', signature, publicKey: childKey, address: addressOf(childKey) };
  } catch (error) {
    if (error instanceof ProtocolFailure) return { kind: 'failure', reason: error.message };
    if (error instanceof InvalidInput) return { kind: 'failure', reason: error.message };
    throw error;
  }
}
