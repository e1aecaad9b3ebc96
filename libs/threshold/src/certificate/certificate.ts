/**
 * Certificates of a key over its epochs (specification sections 3 and 13). A reshare certificate contains the one before
 * it, down to key generation: a party that was away for any number of epochs, or that joins, verifies all of them from what
 * it knows. Each epoch adds about 130 bytes for each member of N and 70 for each of O.
 */
import { isConfirmedKey, keygenConfirmation, type KeygenCertificate } from './keygen-certificate';
import { type DealtShare } from '../keygen/key-share';
import { continuesKey, type ReshareCertificate, reshareConfirmation } from './reshare-certificate';

export type Certificate = KeygenCertificate | ReshareCertificate;

/**
 * Whether the certificate holds from key generation on, and its parties are the expected ones.
 *
 * @param identities raw Ed25519 public keys of exactly the parties of its epoch, from the verifier's own configuration
 */
export function verifyCertificate(
  certificate: Certificate,
  identities: ReadonlyMap<number, Uint8Array>,
): boolean {
  const chain = chainOf(certificate);
  const isExpected = areEqual(certificate.identities, identities);
  return isExpected && keepsIndices(chain.map((link) => link.identities)) && chain.every(isLink);
}

/** Whether the certificate descends from a trusted one, or an ancestor of it, through epochs that were all confirmed. */
export function verifyReshareCertificate(certificate: Certificate, trusted: Certificate): boolean {
  const ancestors = chainOf(trusted);
  const unknown: Certificate[] = [];
  for (const link of chainOf(certificate)) {
    const shared = ancestors.findIndex((ancestor) => isSameCertificate(link, ancestor));
    if (shared >= 0) {
      const chain = [...unknown, ...ancestors.slice(shared)];
      return unknown.length > 0 && keepsIndices(chain.map((c) => c.identities)) && unknown.every(isLink);
    }
    unknown.push(link);
  }
  return false;
}

/**
 * Whether another certificate of the epoch of a trusted one proves that its parties confirmed two states of the key. It does
 * when both descend from an epoch that is believed, or when the parties of key generation signed both. One of other parties
 * proves nothing: whoever has no share can make up public shares that interpolate to any key, and confirm them to itself.
 */
export function contradicts(shown: Certificate, trusted: Certificate): boolean {
  const isSameKey = shown.publicKey.equals(trusted.publicKey);
  if (!isSameKey || shown.epoch !== trusted.epoch || isSameCertificate(shown, trusted)) return false;
  if (trusted.previous && verifyReshareCertificate(shown, trusted.previous)) return true;
  const [parties, shownParties] = [trusted, shown].map(
    (certificate) => chainOf(certificate).at(-1)?.identities,
  );
  const isOfItsParties =
    parties !== undefined && shownParties !== undefined && areEqual(shownParties, parties);
  return isOfItsParties && verifyCertificate(shown, shown.identities);
}

/**
 * The certificate by which a party goes on that has `current` and is shown another: the highest certified epoch wins, and
 * what is not certified, or not higher, changes nothing.
 */
export function winningCertificate(current: Certificate, shown: Certificate): Certificate {
  return shown.epoch > current.epoch && verifyReshareCertificate(shown, current) ? shown : current;
}

/** Whether both certify the same facts of the same session; their signatures may differ. */
export function isSameCertificate(a: Certificate, b: Certificate): boolean {
  const isSameSession = a.suite === b.suite && a.epoch === b.epoch && a.sid.equals(b.sid);
  return isSameSession && confirmationOf(a).equals(confirmationOf(b));
}

/** Whether the certificate is about the key of a share, in the share's epoch. */
export function certifiesShare(certificate: Certificate, share: Omit<DealtShare, 'share'>): boolean {
  const { suite, epoch, threshold, publicKey, chainCode } = certificate;
  const isSameEpoch = suite === share.suite && epoch === share.epoch && threshold === share.threshold;
  return (
    isSameEpoch &&
    publicKey.equals(share.publicKey) &&
    chainCode.equals(share.chainCode) &&
    areEqual(certificate.identities, share.identities) &&
    areEqual(certificate.publicShares, share.publicShares)
  );
}

/** From the newest to that of key generation. */
export function chainOf(certificate: Certificate): Certificate[] {
  const chain: Certificate[] = [];
  for (let link: Certificate | undefined = certificate; link; link = link.previous) chain.push(link);
  return chain;
}

function areEqual(a: ReadonlyMap<number, Buffer>, b: ReadonlyMap<number, Uint8Array>): boolean {
  return a.size === b.size && [...b].every(([party, bytes]) => a.get(party)?.equals(bytes) === true);
}

function isLink(certificate: Certificate): boolean {
  return certificate.previous ? continuesKey(certificate, certificate.previous) : isConfirmedKey(certificate);
}

/**
 * x-coordinates are stable and never reused: over all epochs an index belongs to one identity key, and it to one index.
 *
 * @param epochs the identity keys of each
 */
export function keepsIndices(epochs: readonly ReadonlyMap<number, Buffer>[]): boolean {
  const owners = new Map<string, string>();
  const belongs = (name: string, owner: string): boolean => {
    const known = owners.get(name) ?? owner;
    owners.set(name, known);
    return known === owner;
  };
  return epochs
    .flatMap((identities) => [...identities])
    .every(([index, identityKey]) => {
      const [party, key] = [`party ${index}`, identityKey.toString('hex')];
      return belongs(party, key) && belongs(key, party);
    });
}

function confirmationOf(certificate: Certificate): Buffer {
  const { previous } = certificate;
  return previous
    ? reshareConfirmation({ ...certificate, oldEpoch: previous.epoch })
    : keygenConfirmation(certificate);
}
