import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { type Logger } from '@quorate/platform';
import {
  type Certificate,
  encodeKeyShare,
  isEcdsaSuite,
  type SchnorrKeyShare,
  wipeKeyShare,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type HeldKey, heldKeyOf } from './held-key';
import { type KeyEpoch, keyEpochOf, type NodeOfKey } from './key-epoch';
import { loadKeyLives, saveAdoption, saveLeft, saveRetired, wasRefreshedWithin } from './key-life-store';
import { keyRecord } from './key-record';
import { type KeyShareStore, type PendingShare } from './key-share-store';
import { type AnyKeyShare, isEcdsaShare } from './share-codec';

/** How long after a new epoch is known to work the share of the former one stays. */
export const FORMER_EPOCH_SECONDS = 60;
/** How long the share of a dealer that left stays, for what was presigned with it. */
const LEFT_EPOCH_SECONDS = 600;

export type KeyStatus = 'active' | 'left' | 'retired';

/** Joins the commit of an adoption. */
export type AlsoCommit = (tx: StoreTransaction, epoch: KeyEpoch) => void;

/**
 * The keys of this node: public facts in memory, sealed shares in the database. ECDSA shares are in the memory of the
 * protocol thread alone; a Schnorr share is needed for each signature, so it is here, too.
 */
export class KeyRing {
  /** Newest epoch of each key that this node signs with. */
  private readonly keys = new Map<string, HeldKey>();
  /** Former epochs whose presignatures may still be signed with, by key and epoch. */
  private readonly former = new Map<string, HeldKey>();
  private readonly signingShares = new Map<string, SchnorrKeyShare>();
  private readonly left = new Map<string, KeyEpoch>();
  private readonly retired = new Map<string, KeyEpoch>();
  private readonly lastEpochs = new Map<string, number>();

  constructor(
    private readonly identity: NodeIdentity,
    private readonly store: EventStore,
    private readonly shares: KeyShareStore,
    private readonly nodeOf: NodeOfKey,
    private readonly logger: Logger,
  ) {}

  /** Reads all shares; `take` gets the encoded share of each key's newest epoch for the protocol thread. */
  async load(take: (keyId: string, encoded: Buffer) => void): Promise<void> {
    for (const life of await this.store.transaction(loadKeyLives)) {
      this.lastEpochs.set(life.keyId, life.lastEpoch);
      this.noteEnd(this.left, life.left);
      this.noteEnd(this.retired, life.retired);
    }
    const newest = new Map<string, AnyKeyShare>();
    for (const share of await this.shares.load()) {
      const { keyId } = this.note(share);
      const before = newest.get(keyId);
      if (before !== undefined) wipeKeyShare(before);
      newest.set(keyId, share);
    }
    for (const [keyId, share] of newest) {
      if (this.statusOf(keyId) === 'active') take(keyId, encodeKeyShare(share));
      wipeKeyShare(share);
    }
    for (const keyId of this.retired.keys()) this.forget(keyId);
    for (const keyId of this.left.keys()) this.demote(keyId);
  }

  /** The key in its newest epoch; undefined for one that this node does not sign with, any more or at all. */
  get(keyId: string): HeldKey | undefined {
    return this.keys.get(keyId);
  }

  /** The key in one epoch: the newest, or a former one whose presignatures may still be signed with. */
  at(keyId: string, epoch: number): HeldKey | undefined {
    const key = this.keys.get(keyId);
    return key?.epoch === epoch ? key : this.former.get(`${keyId}/${epoch}`);
  }

  /** The newest epoch that this node knows to be certified, whether it has a share of it or not. */
  newest(keyId: string): KeyEpoch | undefined {
    return this.keys.get(keyId) ?? this.retired.get(keyId) ?? this.left.get(keyId);
  }

  statusOf(keyId: string): KeyStatus | undefined {
    if (this.retired.has(keyId)) return 'retired';
    if (this.left.has(keyId)) return 'left';
    return this.keys.has(keyId) ? 'active' : undefined;
  }

  /** The share of a Schnorr key in one epoch, to sign with; not owned by the caller. */
  signingShare({ keyId, epoch }: KeyEpoch): SchnorrKeyShare | undefined {
    return this.signingShares.get(`${keyId}/${epoch}`);
  }

  list(): HeldKey[] {
    return [...this.keys.values()];
  }

  /** What this node's register on the state topic says of every key, the ended ones as well. */
  records(): OutgoingRecord[] {
    return [
      ...this.list().map((key) => keyRecord(this.identity, key)),
      ...[...this.left.values()].map((key) => keyRecord(this.identity, key, 'left')),
      ...[...this.retired.values()].map((key) => keyRecord(this.identity, key, 'retired')),
    ];
  }

  /** The highest epoch number of the key that this node ever confirmed. */
  lastEpochOf(keyId: string): number | undefined {
    return this.lastEpochs.get(keyId);
  }

  /** @throws Refused as {@link KeyShareStore.savePending} */
  async savePending(pending: PendingShare): Promise<void> {
    await this.shares.savePending(pending);
    this.noteEpoch(pending.keyId, pending.epoch);
  }

  isCommandUsed(commandHash: Buffer): Promise<boolean> {
    return this.shares.isCommandUsed(commandHash);
  }

  wasRefreshedWithin(keyId: string, seconds: number): Promise<boolean> {
    return this.store.transaction((tx) => wasRefreshedWithin(tx, keyId, seconds));
  }

  /**
   * Takes a certified share into use, unless the node is in that epoch or a higher one already: stored, published on this
   * node's state topic, usable. `also` joins the commit. The share of the former epoch stays for a while.
   *
   * @param commandHash of the operators' command; undefined for a refresh
   */
  async activate(share: AnyKeyShare, commandHash: Buffer | undefined, also: AlsoCommit): Promise<HeldKey> {
    const key = heldKeyOf(share, this.nodeOf);
    const isRefresh = commandHash === undefined && share.epoch > 0;
    await this.store.transaction(async (tx) => {
      await this.shares.activate(tx, key.keyId, share, commandHash);
      await saveAdoption(tx, key.keyId, key.epoch, isRefresh);
      // A Schnorr key has no pairs whose health would have to be known first.
      if (!isEcdsaSuite(key.suite)) {
        await this.shares.eraseBefore(tx, key.keyId, key.epoch, FORMER_EPOCH_SECONDS);
      }
      tx.publish(keyRecord(this.identity, key));
      also(tx, key);
    });
    this.left.delete(key.keyId);
    this.note(share);
    this.logger.info({ keyId: key.keyId, epoch: key.epoch, threshold: key.threshold }, 'key share activated');
    return key;
  }

  /** Takes note, durably and on the state topic, that this node has no share of the key's newest epoch. */
  async leave(epoch: KeyEpoch, commandHash: Buffer | undefined, also: AlsoCommit): Promise<void> {
    const { keyId, certificate } = epoch;
    await this.store.transaction(async (tx) => {
      await saveLeft(tx, keyId, certificate);
      await this.shares.settle(tx, keyId, epoch.epoch, commandHash);
      await this.shares.eraseBefore(tx, keyId, epoch.epoch, LEFT_EPOCH_SECONDS);
      tx.publish(keyRecord(this.identity, epoch, 'left'));
      also(tx, epoch);
    });
    this.noteEpoch(keyId, epoch.epoch);
    this.left.set(keyId, epoch);
    this.demote(keyId);
    this.logger.info({ keyId, epoch: epoch.epoch }, 'this node is no party of the key any more');
  }

  /** Ends the use of the key, for ever; `also` joins the commit, unless the key was retired before. */
  async retire(
    epoch: KeyEpoch,
    signed: { readonly command: Buffer; readonly signatures: readonly string[] },
    also: AlsoCommit,
  ): Promise<void> {
    const { keyId, certificate } = epoch;
    await this.store.transaction(async (tx) => {
      const isFirst = await saveRetired(tx, keyId, certificate, signed);
      tx.publish(keyRecord(this.identity, epoch, 'retired'));
      if (isFirst) also(tx, epoch);
    });
    this.retired.set(keyId, epoch);
    this.forget(keyId);
    this.logger.warn({ keyId, epoch: epoch.epoch }, 'key retired: this node signs with it no more');
  }

  /** The share of the epoch is gone: what is in memory of it goes, too. */
  erased({ keyId, epoch }: { readonly keyId: string; readonly epoch: number }): void {
    const id = `${keyId}/${epoch}`;
    this.former.delete(id);
    this.wipeSigningShare(id);
  }

  private note(share: AnyKeyShare): HeldKey {
    const key = heldKeyOf(share, this.nodeOf);
    this.demote(key.keyId);
    this.keys.set(key.keyId, key);
    this.noteEpoch(key.keyId, key.epoch);
    const id = `${key.keyId}/${key.epoch}`;
    // A copy: the caller wipes what it has.
    if (!isEcdsaShare(share)) this.signingShares.set(id, { ...share, share: Buffer.from(share.share) });
    return key;
  }

  /** Makes the newest epoch of the key a former one. */
  private demote(keyId: string): void {
    const key = this.keys.get(keyId);
    if (key === undefined) return;
    this.keys.delete(keyId);
    this.former.set(`${keyId}/${key.epoch}`, key);
  }

  private forget(keyId: string): void {
    this.keys.delete(keyId);
    for (const [id, key] of this.former) if (key.keyId === keyId) this.former.delete(id);
    for (const id of this.signingShares.keys()) if (id.startsWith(`${keyId}/`)) this.wipeSigningShare(id);
  }

  private wipeSigningShare(id: string): void {
    const share = this.signingShares.get(id);
    if (share !== undefined) wipeKeyShare(share);
    this.signingShares.delete(id);
  }

  private noteEnd(ends: Map<string, KeyEpoch>, certificate: Certificate | undefined): void {
    const epoch = certificate && keyEpochOf(certificate, this.nodeOf);
    if (epoch !== undefined) ends.set(epoch.keyId, epoch);
  }

  private noteEpoch(keyId: string, epoch: number): void {
    this.lastEpochs.set(keyId, Math.max(epoch, this.lastEpochs.get(keyId) ?? 0));
  }
}
