/** The certificate of a new epoch: identical signed confirmations of all of O and all of N (specification section 13). */
import { encodeConfirmation } from '../dealing/result';
import { FRAME_TYPES } from '../session/frame';
import { H } from '../hash';
import { keyIdOf } from '../session/session-id';
import { type Certificate } from './certificate';
import { areConfirmations, fieldList, isSharing, type KeyFacts, type SignedFrames } from './confirmation';

/** What a reshare confirms, besides the key: the identities, threshold and public shares are those of N. */
export interface ReshareFacts extends KeyFacts {
  readonly oldEpoch: number;
  readonly epoch: number;
  /** O, ascending. */
  readonly dealers: readonly number[];
}

/** Verifiable by whoever trusts the certificate of an earlier epoch, or the identity keys of the first. */
export interface ReshareCertificate extends KeyFacts, SignedFrames {
  /** O, ascending. */
  readonly dealers: readonly number[];
  /** The certificate of the epoch whose shares were dealt anew. */
  readonly previous: Certificate;
}

/** u8 0 || H("rs/final", ssid, D2, old epoch, new epoch, t', O, N with IK, pk, P'_m, chain), 33 bytes. */
export function reshareConfirmation(facts: ReshareFacts): Buffer {
  const digest = H(
    'rs/final',
    facts.ssid,
    facts.transcript,
    facts.oldEpoch,
    facts.epoch,
    facts.threshold,
    facts.dealers.length,
    ...facts.dealers,
    ...fieldList(facts.identities),
    facts.publicKey,
    ...fieldList(facts.publicShares),
    facts.chainCode,
  );
  return encodeConfirmation(digest);
}

/**
 * Whether the certificate continues the previous one, which is taken for granted: a higher epoch of the same key, dealt by
 * at least t members of it, and confirmed by all of O and all of N. Signatures of N alone would prove nothing: two nodes
 * without any share can invent public shares that interpolate to pk.
 */
export function continuesKey(certificate: ReshareCertificate, previous: Certificate): boolean {
  const { dealers, identities } = certificate;
  const isSameKey =
    certificate.suite === previous.suite &&
    certificate.publicKey.equals(previous.publicKey) &&
    certificate.chainCode.equals(previous.chainCode);
  const ascending = dealers.every((dealer, k) => k === 0 || dealer > (dealers[k - 1] ?? dealer));
  const hasQuorum =
    ascending && dealers.length >= previous.threshold && dealers.every((i) => previous.identities.has(i));
  if (!isSameKey || certificate.epoch <= previous.epoch || !hasQuorum) return false;
  const signers = new Map([...previous.identities].filter(([party]) => dealers.includes(party)));
  for (const [party, identityKey] of identities) signers.set(party, identityKey);
  const ceremony = { type: FRAME_TYPES.reshare, keyId: keyIdOf(previous.publicKey) };
  const payload = reshareConfirmation({ ...certificate, oldEpoch: previous.epoch });
  return (
    isSharing(certificate.suite, certificate) && areConfirmations(certificate, ceremony, signers, payload)
  );
}
