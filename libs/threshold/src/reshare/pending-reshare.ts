/** What a party stores before it confirms a new epoch, and what becomes of it (specification section 13, adoption). */
import {
  type Certificate,
  certifiesShare,
  isSameCertificate,
  verifyReshareCertificate,
} from '../certificate/certificate';
import { type ReshareCertificate } from '../certificate/reshare-certificate';
import { InvalidInput } from '../errors';
import {
  type KeyShare,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
} from '../keygen/key-share';

/** A reshare that this party confirms. Its epoch number is used up, whatever becomes of it. */
export interface PendingReshare {
  /** Certificate of the old epoch. */
  readonly previous: Certificate;
  readonly epoch: number;
  /** The new share of a member of N; a dealer that leaves has none. */
  readonly share?: PendingKeyShare | PendingSchnorrKeyShare;
}

/** A new epoch of a key. */
export interface Reshared {
  readonly certificate: ReshareCertificate;
  /** Of a member of N. */
  readonly share?: KeyShare | SchnorrKeyShare;
}

/**
 * Turns a stored pending reshare into the new epoch, when its certificate is shown, by whomever: a party that is shown it
 * must activate, unless a higher epoch is certified ({@link winningCertificate}).
 *
 * @throws InvalidInput for a certificate that not all of O and N confirmed, or that is of another key, epoch or attempt
 */
export function activateReshare(pending: PendingReshare, certificate: Certificate): Reshared {
  const { previous, epoch, share } = pending;
  const isOfAttempt =
    certificate.previous !== undefined &&
    certificate.epoch === epoch &&
    isSameCertificate(certificate.previous, previous) &&
    (share === undefined || certifiesShare(certificate, share));
  if (!isOfAttempt || !verifyReshareCertificate(certificate, previous)) {
    throw new InvalidInput('the certificate does not confirm this reshare');
  }
  return activated(pending, { ...certificate, previous });
}

/** The pending reshare with its certificate, which the caller has verified. */
export function activated({ share }: PendingReshare, certificate: ReshareCertificate): Reshared {
  return share ? { certificate, share: { ...share, certificate } } : { certificate };
}
