/** Distributed key generation (specification section 3). */
import { type Certificate, certifiesShare, verifyCertificate } from '../certificate/certificate';
import { DealingCeremony } from '../dealing/ceremony';
import { InvalidInput } from '../errors';
import { createSession, type Session, type SessionConfig } from '../session/session';
import { isEcdsaSuite } from '../suite';
import { keygenContext } from './context';
import { keygenDealing } from './dealing';
import {
  ecdsaShare,
  type KeyShare,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
  schnorrShare,
  type ShareMaker,
} from './key-share';

/**
 * One party's run of key generation for ECDSA: four rounds among n parties, any 2 <= t <= n <= 16.
 *
 * The step that completes round 3 has `pending`: store it durably before its frames are sent. They are this party's
 * confirmation, and whoever shows the certificate of n confirmations later must find the share
 * ({@link activateKeyShare}). The pending share then belongs to the caller, also when the session fails after it.
 *
 * @throws InvalidInput unless the start describes a key generation of suite 1 or 2 that includes this party
 */
export function createKeygenSession(config: SessionConfig): Session<KeyShare, PendingKeyShare> {
  const { suite } = config.start;
  if (!isEcdsaSuite(suite)) throw new InvalidInput('the suite is not one of ECDSA');
  return keygenSession(config, ecdsaShare(suite));
}

/**
 * The same for FROST, without the state of pairs: direct messages there are none.
 *
 * @throws InvalidInput unless the start describes a key generation of suite 3 or 4 that includes this party
 */
export function createSchnorrKeygenSession(
  config: SessionConfig,
): Session<SchnorrKeyShare, PendingSchnorrKeyShare> {
  const { suite } = config.start;
  if (isEcdsaSuite(suite)) throw new InvalidInput('the suite is one of ECDSA');
  return keygenSession(config, schnorrShare(suite));
}

/**
 * Turns a stored pending share of key generation into a key share, when a certificate of exactly its key is shown, by
 * whomever.
 *
 * @throws InvalidInput when the certificate is invalid or of another key
 */
export function activateKeyShare<P extends PendingKeyShare | PendingSchnorrKeyShare>(
  pending: P,
  certificate: Certificate,
): P & { readonly certificate: Certificate } {
  const isOfKey = !certificate.previous && certifiesShare(certificate, pending);
  if (!isOfKey || !verifyCertificate(certificate, pending.identities)) {
    throw new InvalidInput('the certificate does not confirm this key share');
  }
  return { ...pending, certificate };
}

function keygenSession<P>(
  config: SessionConfig,
  makeShare: ShareMaker<P>,
): Session<P & { readonly certificate: Certificate }, P> {
  const { start } = config;
  if (start.purpose !== 'dkg') throw new InvalidInput('purpose of key generation is dkg');
  const context = keygenContext(start, config, makeShare);
  return createSession(config, new DealingCeremony(keygenDealing(context)));
}
