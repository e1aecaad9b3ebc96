import { addressOf } from '@quorate/evm';
import { fromHex, parseDerivationPath, type SignPartial, toHex } from '@quorate/protocol';
import { combineShares, type OnlineShare, parseOnlineShare, parsePoint } from '@quorate/threshold';
import { type UsableKey } from '../key-registry/key-registry';
import { type CommitteeChosen, type SignRequested } from '../sign-request/events';
import { type Combination } from './combination';

/**
 * Under the child key of the request's path (threshold-ecdsa.md 8.6).
 * @throws ProtocolFailure or InvalidInput when the shares do not combine
 */
export function combineEcdsa(
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
  const childKey = toHex(child.publicKey);
  return {
    kind: 'signature',
    signature: { r: toHex(r), s: toHex(s), yParity },
    publicKey: childKey,
    address: addressOf(childKey),
  };
}
