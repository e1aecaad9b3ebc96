/** Distributed key generation (specification section 3). */
import { type Certificate, confirmationPayload, verifyCertificate } from './certificate';
import { InvalidInput } from '../errors';
import { type KeyShare, type PendingKeyShare } from './key-share';
import { KeygenCeremony } from './ceremony';
import { keygenContext } from './context';
import { createSession, type Session, type SessionConfig } from '../session/session';

/**
 * One party's run of key generation: four rounds among n parties, any 2 <= t <= n <= 16.
 *
 * The step that completes round 3 has `pending`: store it durably before its frames are sent. They are this party's
 * confirmation, and whoever shows the certificate of n confirmations later must find the share
 * ({@link activateKeyShare}). The pending share then belongs to the caller, also when the session fails after it.
 *
 * @throws InvalidInput unless the start describes a key generation that includes this party
 */
export function createKeygenSession(config: SessionConfig): Session<KeyShare, PendingKeyShare> {
  if (config.start.purpose !== 'dkg') throw new InvalidInput('purpose of key generation is dkg');
  return createSession(config, new KeygenCeremony(keygenContext(config)));
}

/**
 * Turns a stored pending share into a key share, when a certificate of exactly its key is shown, by whomever.
 *
 * @throws InvalidInput when the certificate is invalid or of another key
 */
export function activateKeyShare(pending: PendingKeyShare, certificate: Certificate): KeyShare {
  const { ssid, transcript } = certificate;
  const sameFacts = confirmationPayload({ ...pending, ssid, transcript }).equals(
    confirmationPayload(certificate),
  );
  const sameKey = sameFacts && certificate.suite === pending.suite && certificate.epoch === pending.epoch;
  if (!sameKey || !verifyCertificate(certificate, pending.identities)) {
    throw new InvalidInput('the certificate does not confirm this key share');
  }
  return { ...pending, certificate };
}
