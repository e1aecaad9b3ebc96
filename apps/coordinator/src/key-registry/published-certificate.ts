/** The certificates that nodes show for their keys, and what is believed of them (threshold-ecdsa.md 13). */
import { certificateOf } from '@quorate/key-record';
import { identityJwk, type PeerDirectory } from '@quorate/platform';
import { type KeyFacts, type KeyState } from '@quorate/protocol';
import {
  type Certificate,
  contradicts,
  keyIdOf,
  schemeOf,
  verifyCertificate,
  verifyReshareCertificate,
} from '@quorate/threshold';
import { indicesOf } from './key-content';
import { type UsableKey } from './usable-key';

/** Who the parties of a key were, epoch by epoch, as its certificate says. */
export type Membership = Pick<Certificate, 'identities' | 'threshold'> & {
  readonly previous?: Membership | undefined;
};

/** Raw identity key (32 bytes, hex) of each party of any epoch, by index: an index belongs to one identity for ever. */
export function identitiesEver(membership: Membership): Map<number, string> {
  const identities = new Map<number, string>();
  for (let link: Membership | undefined = membership; link !== undefined; link = link.previous) {
    for (const [index, key] of link.identities) identities.set(index, key.toString('hex'));
  }
  return identities;
}

/** Whether a shown epoch is certified: from key generation on, and by exactly the nodes that it names. */
export function isCertified(facts: KeyFacts | KeyState, peers: PeerDirectory): boolean {
  const certificate = certificateOf(facts);
  const identities = pinnedIdentities(facts, peers);
  return (
    certificate !== undefined &&
    identities !== undefined &&
    isAbout(certificate, facts) &&
    verifyCertificate(certificate, identities)
  );
}

/** Whether a shown epoch descends from one that is believed, and its members are who PEERS_FILE says. */
export function continuesCertified(
  shown: KeyFacts | KeyState,
  believed: KeyFacts,
  peers: PeerDirectory,
): boolean {
  const certificate = certificateOf(shown);
  const trusted = certificateOf(believed);
  const identities = pinnedIdentities(shown, peers);
  if (certificate === undefined || trusted === undefined || identities === undefined) return false;
  return (
    isAbout(certificate, shown) &&
    certificate.epoch > trusted.epoch &&
    [...identities].every(([index, key]) => certificate.identities.get(index)?.equals(key) === true) &&
    verifyReshareCertificate(certificate, trusted)
  );
}

/** Whether a shown epoch proves that the parties of the believed one confirmed two contents of it. */
export function contradictsCertified(
  shown: KeyFacts | KeyState,
  believed: UsableKey,
  peers: PeerDirectory,
): boolean {
  const [certificate, trusted] = [certificateOf(shown), certificateOf(believed)];
  if (certificate === undefined || trusted === undefined) return false;
  return isCertified(shown, peers) && contradicts(certificate, trusted);
}

/** Raw Ed25519 identity key of a node of PEERS_FILE, hex. */
export function pinnedIdentity(node: string, peers: PeerDirectory): string | undefined {
  const peer = peers.get(node);
  if (peer?.role !== 'node') return undefined;
  return Buffer.from(identityJwk(peer.publicKey).x, 'base64url').toString('hex');
}

/** Whether it says as much as the rest of the record: that names key, scheme and epoch again. */
function isAbout({ epoch, suite, publicKey }: Certificate, facts: KeyFacts | KeyState): boolean {
  const isSameKey = facts.keyId === `k_${keyIdOf(publicKey).toString('hex')}`;
  return isSameKey && epoch === facts.epoch && schemeOf(suite) === facts.scheme;
}

function pinnedIdentities(facts: KeyFacts | KeyState, peers: PeerDirectory): Map<number, Buffer> | undefined {
  const pinned = new Map<number, Buffer>();
  for (const [node, index] of indicesOf(facts)) {
    const identity = pinnedIdentity(node, peers);
    if (identity === undefined) return undefined;
    pinned.set(index, Buffer.from(identity, 'hex'));
  }
  return pinned.size === Object.keys(facts.publicShares).length ? pinned : undefined;
}
