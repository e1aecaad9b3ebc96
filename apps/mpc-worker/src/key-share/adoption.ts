import { type EventStore } from '@quorate/event-store';
import { type Logger, Turns } from '@quorate/platform';
import { type KeyState, streams, toHex } from '@quorate/protocol';
import {
  activateKeyShare,
  activateReshare,
  type Certificate,
  contradicts,
  decodePendingReshare,
  encodeKeyShare,
  InvalidInput,
  isSameCertificate,
  type PendingReshare,
  verifyCertificate,
  verifyReshareCertificate,
  wipeKeyShare,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyEpoch, keyEpochOf, type NodeOfKey } from './key-epoch';
import { type AlsoCommit, type KeyRing } from './key-ring';
import { certificateOf } from '@quorate/key-record';
import { type FoundShare, type KeyShareStore } from './key-share-store';
import { type AnyKeyShare, decodePendingShare } from './share-codec';

/** A key is in a new epoch at this node. */
export interface EpochChange {
  readonly epoch: KeyEpoch;
  /** The share for the protocol thread; undefined when this node has none in the epoch. */
  readonly encoded: Buffer | undefined;
}

/** The epoch that a reshare or key generation ended in, for this node. */
export type CertifiedEpoch =
  | { readonly kind: 'share'; readonly share: AnyKeyShare }
  | { readonly kind: 'left'; readonly certificate: Certificate };

/**
 * How a node gets from one epoch of a key to the next (threshold-ecdsa.md 13, adoption). What it confirmed it takes into
 * use when a certificate is shown, by its own session or by whomever; the highest certified epoch wins. One change at a
 * time, so that a session's end and a peer's record never cross.
 */
export class Adoptions {
  /**
   * What it needs to join a key of which it has no share: the certificates that other nodes show of it, by key and by node. Each
   * verifies by itself only, and nodes that lie can show what they confirmed to each other: which one a reshare deals from is
   * for the order that names its dealers.
   */
  private readonly others = new Map<string, Map<string, KeyEpoch>>();
  /** Sessions of certificates that contradict one of ours, so that each is told once. */
  private readonly contradictions = new Set<string>();
  private readonly turns = new Turns();

  constructor(
    private readonly identity: NodeIdentity,
    private readonly store: EventStore,
    private readonly shares: KeyShareStore,
    private readonly keys: KeyRing,
    private readonly nodeOf: NodeOfKey,
    private readonly logger: Logger,
  ) {}

  /** The newest certified epoch of a key that this node takes part in, or took; else all that are shown, the highest first. */
  newest(keyId: string): readonly KeyEpoch[] {
    const own = this.keys.newest(keyId);
    if (own !== undefined) return [own];
    return [...(this.others.get(keyId)?.values() ?? [])].sort((a, b) => b.epoch - a.epoch);
  }

  /** Nothing is adopted while this is done: what ends a key must not cross what begins its next epoch. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.take(work);
  }

  /**
   * Takes the result of an own session into use; undefined when a higher epoch is in use by now.
   *
   * @param commandHash of the operators' command; undefined for a refresh
   */
  conclude(
    certified: CertifiedEpoch,
    commandHash: Buffer | undefined,
    also: AlsoCommit,
  ): Promise<EpochChange | undefined> {
    return this.turns.take(() => this.take(certified, commandHash, also));
  }

  /** A peer shows a certificate. Returns the change when it makes one at this node. */
  adopt(record: KeyState, shownBy: string): Promise<EpochChange | undefined> {
    return this.turns.take(async () => {
      const certificate = certificateOf(record);
      const epoch = certificate && keyEpochOf(certificate, this.nodeOf);
      if (epoch === undefined || epoch.keyId !== record.keyId || epoch.epoch !== record.epoch) {
        this.logger.warn({ keyId: record.keyId, epoch: record.epoch }, 'key record without a certificate');
        return undefined;
      }
      const known = this.keys.newest(record.keyId);
      if (known === undefined) return this.first(epoch, shownBy);
      if (epoch.epoch < known.epoch || isSameCertificate(epoch.certificate, known.certificate))
        return undefined;
      if (epoch.epoch === known.epoch) return this.contradicted(known, epoch);
      if (!verifyReshareCertificate(epoch.certificate, known.certificate)) {
        this.logger.warn(
          { keyId: epoch.keyId, epoch: epoch.epoch },
          'certificate of a higher epoch is not valid',
        );
        return undefined;
      }
      return this.goOn(epoch);
    });
  }

  /** A key that this node knows nothing of, but for a pending share perhaps. */
  private async first(epoch: KeyEpoch, shownBy: string): Promise<EpochChange | undefined> {
    const { keyId, certificate } = epoch;
    const pending = await this.shares.findPending(keyId, epoch.epoch);
    const change = pending && (await this.activatePending(pending, epoch));
    if (change !== undefined || !verifyCertificate(certificate, certificate.identities)) return change;
    const shown = this.others.get(keyId) ?? new Map<string, KeyEpoch>();
    this.others.set(keyId, shown);
    if (epoch.epoch >= (shown.get(shownBy)?.epoch ?? 0)) shown.set(shownBy, epoch);
    return undefined;
  }

  /** A higher epoch of a key that this node knows; the certificate is valid. */
  private async goOn(epoch: KeyEpoch): Promise<EpochChange | undefined> {
    const { keyId, members } = epoch;
    const pending = await this.shares.findPending(keyId, epoch.epoch);
    if (pending !== undefined) return this.activatePending(pending, epoch);
    const status = this.keys.statusOf(keyId);
    const isMember = [...members.values()].includes(this.identity.nodeId);
    if (isMember && status !== undefined) {
      // All members confirmed the epoch, so this node did: its database is not the one that it confirmed with.
      this.logger.error({ keyId, epoch: epoch.epoch }, 'this node confirmed an epoch whose share it has not');
      return undefined;
    }
    if (status === 'active') {
      const certified = { kind: 'left', certificate: epoch.certificate } as const;
      return this.take(certified, undefined, () => undefined);
    }
    return undefined;
  }

  private async activatePending(found: FoundShare, epoch: KeyEpoch): Promise<EpochChange | undefined> {
    try {
      const certified = certifiedEpoch(found.encoded, epoch.certificate);
      try {
        return await this.take(certified, found.commandHash, () => undefined);
      } finally {
        if (certified.kind === 'share') wipeKeyShare(certified.share);
      }
    } catch (error) {
      // Not a certificate of this share: whoever shows it gets nothing, and the pending share waits on.
      if (error instanceof InvalidInput) return undefined;
      throw error;
    } finally {
      found.encoded.fill(0);
    }
  }

  private async take(
    certified: CertifiedEpoch,
    commandHash: Buffer | undefined,
    also: AlsoCommit,
  ): Promise<EpochChange | undefined> {
    const certificate = certified.kind === 'share' ? certified.share.certificate : certified.certificate;
    const epoch = keyEpochOf(certificate, this.nodeOf);
    if (epoch === undefined) throw new InvalidInput('PEERS_FILE does not name all members of the epoch');
    const { keyId } = epoch;
    if (this.keys.statusOf(keyId) === 'retired') return undefined;
    const before = this.keys.newest(keyId);
    if (before !== undefined && before.epoch >= epoch.epoch) {
      if (!isSameCertificate(before.certificate, certificate)) return undefined;
      await this.store.transaction(async (tx) => also(tx, before));
      return { epoch: before, encoded: undefined };
    }
    const alsoEvent: AlsoCommit = (tx, adopted) => {
      const data = {
        ...{ keyId, epoch: epoch.epoch, node: this.identity.nodeId, status: certified.kind },
        ...(before && { oldEpoch: before.epoch }),
      };
      const event = { type: 'quorate.key.epoch-adopted.v1', data, correlationId: keyId, causationId: keyId };
      tx.appendNext(streams.nodeKey(this.identity.nodeId, keyId), [event]);
      also(tx, adopted);
    };
    if (certified.kind === 'share') await this.keys.activate(certified.share, commandHash, alsoEvent);
    else await this.keys.leave(epoch, commandHash, alsoEvent);
    this.others.delete(keyId);
    return { epoch, encoded: certified.kind === 'share' ? encodeKeyShare(certified.share) : undefined };
  }

  /** Two valid certificates of one epoch: somebody who holds enough old shares made a second key state. */
  private async contradicted(known: KeyEpoch, shown: KeyEpoch): Promise<undefined> {
    const { keyId, epoch } = known;
    const sid = toHex(shown.certificate.sid);
    if (this.contradictions.has(sid)) return undefined;
    if (!contradicts(shown.certificate, known.certificate)) {
      this.logger.warn(
        { keyId, epoch, sessionId: sid },
        'certificate that the parties of the key did not make',
      );
      return undefined;
    }
    this.contradictions.add(sid);
    this.logger.error({ keyId, epoch, sessionId: sid }, 'two certificates of one epoch');
    const data = { keyId, epoch, node: this.identity.nodeId, sessionId: sid };
    const event = { type: 'quorate.key.contradicted.v1', data, correlationId: keyId, causationId: keyId };
    await this.store.transaction(async (tx) =>
      tx.appendNext(streams.nodeKey(this.identity.nodeId, keyId), [event]),
    );
    return undefined;
  }
}

/** @throws InvalidInput when the certificate does not confirm what is pending */
function certifiedEpoch(encoded: Buffer, certificate: Certificate): CertifiedEpoch {
  if (certificate.previous === undefined) {
    const pending = decodePendingShare(encoded);
    return orWipe(pending, () => ({ kind: 'share', share: activateKeyShare(pending, certificate) }));
  }
  const pending: PendingReshare = decodePendingReshare(encoded);
  return orWipe(pending.share, () => {
    const reshared = activateReshare(pending, certificate);
    return reshared.share === undefined
      ? { kind: 'left', certificate: reshared.certificate }
      : { kind: 'share', share: reshared.share };
  });
}

function orWipe<T>(secret: Parameters<typeof wipeKeyShare>[0] | undefined, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (secret !== undefined) wipeKeyShare(secret);
    throw error;
  }
}
