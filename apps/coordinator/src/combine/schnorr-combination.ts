import {
  fromHex,
  readStrictJson,
  schnorrMessage,
  type SignPartial,
  signRequestSchema,
  toHex,
} from '@quorate/protocol';
import {
  type Certificate,
  combineFrostShares,
  decodeCertificate,
  type FrostShare,
  groupOf,
  keyIdOf,
  parseFrostShare,
  type Point,
} from '@quorate/threshold';
import { type UsableKey } from '../key-registry/key-registry';
import { type CommitteeChosen, type SignRequested } from '../sign-request/events';
import { type Combination } from './combination';
import { splitCommitments } from './nonce-commitments';

/**
 * Under the root key: a Schnorr key has no children. Every share is checked alone before any is added (RFC 9591, 5.4).
 * @throws ProtocolFailure or InvalidInput when the shares do not combine; IDENT names the sender of a wrong one
 */
export function combineSchnorr(
  suite: 3 | 4,
  key: UsableKey,
  request: SignRequested,
  attempt: CommitteeChosen,
  partials: readonly SignPartial[],
): Combination {
  const committee = attempt.committee.map((node) => key.indices.get(node) ?? 0);
  const commitments = splitCommitments(suite, attempt.noncePoint, committee);
  if (commitments === undefined) return { kind: 'failure', reason: 'malformed commitments' };
  const publicKey = groupOf(suite).parsePoint(fromHex(key.publicKey));
  const publicShares = publicSharesOf(suite, key, attempt.epoch);
  if (publicKey === undefined || publicShares === undefined) {
    return { kind: 'failure', reason: `the public shares of epoch ${attempt.epoch} are not known` };
  }
  const message = messageOf(request);
  if (message === undefined) return { kind: 'failure', reason: `the request has nothing for ${key.scheme}` };
  const shares = new Map<number, FrostShare>();
  for (const { node, presignatureId, req, z = '0x' } of partials) {
    const share = parseFrostShare(Buffer.concat([presignatureId, req, z].map(fromHex)));
    if (share === undefined) return { kind: 'failure', reason: `malformed share of ${node}`, accused: node };
    shares.set(key.indices.get(node) ?? 0, share);
  }
  const nonceId = fromHex(attempt.presignatureId);
  const { signature, publicKey: signedUnder } = combineFrostShares({
    nonce: { nonceId, suite, keyId: keyIdOf(publicKey), epoch: attempt.epoch, commitments },
    request: { message, publicKey, tweak: { kind: 'none' }, committee },
    shares,
    publicShares,
  });
  return {
    kind: 'signature',
    signature: { bytes: toHex(signature) },
    publicKey: toHex(signedUnder),
    address: null,
  };
}

/** Read out of the client's bytes, which were checked when the request was accepted. */
function messageOf({ digest, value }: SignRequested): Buffer | undefined {
  if (digest !== null) return fromHex(digest);
  const json = readStrictJson(Buffer.from(value, 'base64'));
  const parsed = signRequestSchema.safeParse(json.ok ? json.data : undefined);
  return parsed.success ? schnorrMessage(parsed.data.payload) : undefined;
}

/** Of a former epoch, whose last nonces are still signed with, from the chain of certificates. */
function publicSharesOf(
  suite: 3 | 4,
  { epoch, publicShares, certificate }: UsableKey,
  wanted: number,
): ReadonlyMap<number, Point> | undefined {
  if (epoch !== wanted) return formerCertificate(certificate.previous, wanted)?.publicShares;
  const group = groupOf(suite);
  const points = new Map<number, Point>();
  for (const [index, text] of Object.entries(publicShares)) {
    const point = group.parsePoint(fromHex(text));
    if (point !== undefined) points.set(Number(index), point);
  }
  return points;
}

function formerCertificate(previous: string | undefined, epoch: number): Certificate | undefined {
  let certificate = previous === undefined ? undefined : decodeCertificate(Buffer.from(previous, 'base64'));
  while (certificate !== undefined && certificate.epoch !== epoch) certificate = certificate.previous;
  return certificate;
}
