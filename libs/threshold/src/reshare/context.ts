/** What stays the same over the rounds of one reshare, and what a party must know before (specification section 13). */
import { type Certificate, chainOf, keepsIndices, verifyCertificate } from '../certificate/certificate';
import { type DealingContext, type DealingRoles } from '../dealing/context';
import { entryOf } from '../dealing/party-map';
import { InvalidInput } from '../errors';
import {
  ecdsaShare,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  schnorrShare,
  type ShareMaker,
} from '../keygen/key-share';
import { OwnedSecrets } from '../owned-secrets';
import { type SessionConfig } from '../session/session';
import { keyIdOf, sessionId, sorted } from '../session/session-id';
import { type ReshareStart } from '../session/session-start';
import { groupOf, isEcdsaSuite } from '../suite';

/** What a party knows of the old epoch. A key share is one; a party of N without a share needs the rest. */
export interface OldEpoch {
  readonly certificate: Certificate;
  /** Raw Ed25519 public keys of exactly the old parties, from the own configuration. */
  readonly identities: ReadonlyMap<number, Uint8Array>;
  /** s_i, 32 B, secret; only members of O need it. */
  readonly share?: Buffer;
}

/** Inputs of one party. */
export interface ReshareConfig extends SessionConfig {
  readonly start: ReshareStart;
  readonly old: OldEpoch;
  /**
   * The highest epoch number of the key that this party ever confirmed, whatever became of it; that of the certificate for a
   * party that confirmed none.
   */
  readonly lastEpoch: number;
}

export interface ReshareContext extends DealingContext {
  readonly start: ReshareStart;
  /** Certificate of the old epoch. */
  readonly previous: Certificate;
  /** s_i of a member of O, secret and not owned. */
  readonly oldShare: Buffer | undefined;
  /** Of N. */
  readonly identities: ReadonlyMap<number, Buffer>;
  readonly makeShare: ShareMaker<PendingKeyShare | PendingSchnorrKeyShare>;
}

/**
 * Everything is checked against the certificate of the old epoch, and that against the pinned identity keys.
 *
 * @throws InvalidInput with the first rule that does not hold
 */
export function reshareContext({ start, index, random, old, lastEpoch }: ReshareConfig): ReshareContext {
  const roles = reshareRoles(start);
  const { group, suite, dealers, receivers } = roles;
  const { certificate } = old;
  const keys = new Map(start.participants.map((p) => [p.index, Buffer.from(p.identityKey)]));
  const epochs = chainOf(certificate).map((link) => link.identities);
  const isDealer = dealers.includes(index);
  const share = isDealer ? old.share : undefined;
  const rules: [string, () => boolean][] = [
    ['the old certificate is confirmed', () => verifyCertificate(certificate, old.identities)],
    ['suite is the key', () => suite === certificate.suite],
    ['keyId is the key', () => keyIdOf(certificate.publicKey).equals(start.keyId)],
    ['old epoch is the certificate', () => start.oldEpoch === certificate.epoch],
    [
      't and n are the old ones',
      () => start.threshold === certificate.threshold && start.parties === certificate.identities.size,
    ],
    ['the epoch is not burned', () => start.epoch > lastEpoch],
    ['dealers are old parties', () => dealers.every((dealer) => certificate.identities.has(dealer))],
    ['an index is never reused', () => keepsIndices([keys, ...epochs])],
    ['a dealer has its share', () => !isDealer || isShareOf(group, certificate, index, share)],
  ];
  for (const [rule, holds] of rules) if (!holds()) throw new InvalidInput(`reshare start: ${rule}`);
  return {
    ...roles,
    start,
    index,
    previous: certificate,
    oldShare: share,
    identities: new Map(receivers.map((party) => [party, entryOf(keys, party)])),
    makeShare: isEcdsaSuite(suite) ? ecdsaShare(suite) : schnorrShare(suite),
    random,
    secrets: new OwnedSecrets(),
  };
}

/** @throws InvalidInput for an invalid start */
export function reshareRoles(start: ReshareStart): DealingRoles {
  const sid = sessionId(start);
  const { suite, newThreshold: threshold } = start;
  const participants = sorted(start.participants).map((participant) => participant.index);
  const dealers = participants.filter((party) => start.dealers.includes(party));
  const receivers = participants.filter((party) => start.receivers.includes(party));
  return {
    name: 'reshare',
    suite,
    group: groupOf(suite),
    sid,
    participants,
    dealers,
    receivers,
    threshold,
  };
}

function isShareOf(
  group: ReshareContext['group'],
  certificate: Certificate,
  index: number,
  share: Buffer | undefined,
): boolean {
  const expected = certificate.publicShares.get(index);
  const isScalar = share !== undefined && group.isNonZeroScalar(share);
  return isScalar && expected !== undefined && group.multiplyBase(share).equals(expected);
}
