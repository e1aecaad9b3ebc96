/** The certificate of a new key: n identical signed confirmations (specification section 3, round 4). */
import { encodeConfirmation } from '../dealing/result';
import { FRAME_TYPES } from '../session/frame';
import { H } from '../hash';
import { areConfirmations, fieldList, isSharing, type KeyFacts, type SignedFrames } from './confirmation';

/** Transferable: whoever knows the parties' identity keys can verify it. */
export interface KeygenCertificate extends KeyFacts, SignedFrames {
  /** A new key has no former epoch. */
  readonly previous?: undefined;
}

/** u8 0 || H("dkg/final", ssid, D2, t, (i, IK_i) of all i, pk, P_1..P_n, chain), 33 bytes. */
export function keygenConfirmation(facts: KeyFacts): Buffer {
  const digest = H(
    'dkg/final',
    facts.ssid,
    facts.transcript,
    facts.threshold,
    ...fieldList(facts.identities),
    facts.publicKey,
    ...fieldList(facts.publicShares),
    facts.chainCode,
  );
  return encodeConfirmation(digest);
}

/** Whether all the parties that it names, and no one else, confirmed these facts, and the public shares fit the key. */
export function isConfirmedKey(certificate: KeygenCertificate): boolean {
  const ceremony = { type: FRAME_TYPES.dkg, keyId: Buffer.alloc(32) };
  return (
    isSharing(certificate.suite, certificate) &&
    areConfirmations(certificate, ceremony, certificate.identities, keygenConfirmation(certificate))
  );
}
