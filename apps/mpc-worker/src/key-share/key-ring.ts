import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type KeyState } from '@quorate/protocol';
import {
  activateKeyShare,
  encodeKeyShare,
  InvalidInput,
  keyIdOf,
  type SchnorrKeyShare,
  wipeKeyShare,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type HeldKey, heldKeyOf, keyIdText } from './held-key';
import { certificateOf, keyRecord } from './key-record';
import { type DeadPair, type KeyShareStore, type PendingShare } from './key-share-store';
import { type AnyKeyShare, decodePendingShare, isEcdsaShare } from './share-codec';

/**
 * The keys of this node: public facts in memory, sealed shares in the database. ECDSA shares are in the memory of the
 * protocol thread alone; a Schnorr share is needed for each signature, so it is here, too.
 */
export class KeyRing {
  private readonly keys = new Map<string, HeldKey>();
  private readonly signingShares = new Map<string, SchnorrKeyShare>();
  private readonly dead = new Map<string, Set<number>>();

  constructor(
    private readonly identity: NodeIdentity,
    private readonly store: EventStore,
    private readonly shares: KeyShareStore,
    private readonly nodeOf: (identityKey: Buffer) => string | undefined,
    private readonly logger: Logger,
  ) {}

  /** Reads all shares; `take` gets each encoded share for the protocol thread. */
  async load(take: (keyId: string, encoded: Buffer) => void): Promise<void> {
    for (const pair of await this.shares.deadPairs()) this.noteDead(pair);
    for (const share of await this.shares.load()) {
      const key = heldKeyOf(share, this.nodeOf);
      const current = this.keys.get(key.keyId);
      if (current === undefined || current.epoch < key.epoch) {
        this.keys.set(key.keyId, key);
        take(key.keyId, encodeKeyShare(share));
        this.keepForSigning(key, share);
      }
      wipeKeyShare(share);
    }
  }

  get(keyId: string): HeldKey | undefined {
    return this.keys.get(keyId);
  }

  /** The share of a Schnorr key, to sign with; not owned by the caller. */
  signingShare({ keyId, epoch }: HeldKey): SchnorrKeyShare | undefined {
    return this.signingShares.get(`${keyId}/${epoch}`);
  }

  list(): HeldKey[] {
    return [...this.keys.values()];
  }

  /** Peers whose pair with this node is dead in the key's current epoch, by index. */
  deadPeersOf(keyId: string): ReadonlySet<number> {
    return this.dead.get(`${keyId}/${this.keys.get(keyId)?.epoch ?? 0}`) ?? new Set();
  }

  deadPairs(): { keyId: string; epoch: number; peer: string }[] {
    return this.list().flatMap((key) =>
      [...this.deadPeersOf(key.keyId)].map((index) => ({
        keyId: key.keyId,
        epoch: key.epoch,
        peer: key.members.get(index) ?? String(index),
      })),
    );
  }

  savePending(pending: PendingShare): Promise<void> {
    return this.shares.savePending(pending);
  }

  isCommandUsed(commandHash: Buffer): Promise<boolean> {
    return this.shares.isCommandUsed(commandHash);
  }

  /** Activates a certified share: stored, published on this node's state topic, usable; `also` joins the commit. */
  async activate(
    share: AnyKeyShare,
    commandHash: Buffer,
    also: (tx: StoreTransaction, key: HeldKey) => void,
  ): Promise<HeldKey> {
    const key = heldKeyOf(share, this.nodeOf);
    await this.store.transaction(async (tx) => {
      await this.shares.activate(tx, key.keyId, share, commandHash);
      tx.publish(keyRecord(this.identity, key));
      also(tx, key);
    });
    this.keys.set(key.keyId, key);
    this.keepForSigning(key, share);
    this.logger.info({ keyId: key.keyId, epoch: key.epoch, threshold: key.threshold }, 'key share activated');
    return key;
  }

  /**
   * A peer shows a certificate: when this node has the matching pending share (it stopped between storing it and seeing
   * all confirmations), it must activate it. Returns the encoded share for the protocol thread.
   */
  async adopt(record: KeyState): Promise<{ keyId: string; encoded: Buffer } | undefined> {
    if (this.keys.has(record.keyId)) return undefined;
    const certificate = certificateOf(record);
    if (certificate === undefined || record.keyId !== keyIdText(keyIdOf(certificate.publicKey)))
      return undefined;
    const pending = await this.shares.findPending(record.keyId, record.epoch);
    if (pending === undefined) return undefined;
    const share = decodePendingShare(pending.encoded);
    pending.encoded.fill(0);
    try {
      const certified = activateKeyShare(share, certificate);
      await this.activate(certified, pending.commandHash, () => undefined);
      return { keyId: record.keyId, encoded: encodeKeyShare(certified) };
    } catch (error) {
      // Not a certificate of this key: whoever shows it gets nothing, and the pending share waits on.
      if (error instanceof InvalidInput) return undefined;
      throw error;
    } finally {
      wipeKeyShare(share);
    }
  }

  /** Stores "pair dead" and erases the pair's secrets. */
  async killPair(pair: DeadPair, sessionId: Buffer): Promise<void> {
    await this.shares.killPair(pair, sessionId);
    this.noteDead(pair);
  }

  /** A copy: the caller wipes what it has. */
  private keepForSigning({ keyId, epoch }: HeldKey, share: AnyKeyShare): void {
    if (isEcdsaShare(share)) return;
    this.signingShares.set(`${keyId}/${epoch}`, { ...share, share: Buffer.from(share.share) });
  }

  private noteDead({ keyId, epoch, peer }: DeadPair): void {
    const id = `${keyId}/${epoch}`;
    this.dead.set(id, (this.dead.get(id) ?? new Set()).add(peer));
  }
}
