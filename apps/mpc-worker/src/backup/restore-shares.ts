/**
 * Puts the shares of a backup back. A backup is what somebody wrote who knew the public recovery key, so each share must
 * prove itself: by its certificate, by the identities of PEERS_FILE, and by the newest epoch that any node shows. An older
 * epoch is refused: its shares were to be erased, and t of them would be the key (threshold-ecdsa.md 13).
 */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Conflict, Invalid, Refused } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { InvalidInput, verifyCertificate, wipeKeyShare } from '@quorate/threshold';
import { saveAdoption } from '../key-share/key-life-store';
import { keyIdText } from '../key-share/key-epoch';
import { type KeyShareStore } from '../key-share/key-share-store';
import { type PairStore } from '../key-share/pair-store';
import { type AnyKeyShare, decodeShare } from '../key-share/share-codec';
import { raiseLedgerCount } from '../sign-task/ledger';
import { type NodeBackup, type SavedShare } from './backup-file';

/** What the node knows without the backup. */
export interface RestoreView {
  readonly node: string;
  /** Raw identity key of this node. */
  readonly identityKey: Buffer;
  readonly isPinned: (identityKey: Buffer) => boolean;
  /** The highest certified epoch of each key on the state topics. */
  readonly newestEpochs: ReadonlyMap<string, number>;
  /** The highest ledger count in this node's own heartbeats. */
  readonly reportedLedgerCount: number;
}

export interface RestoreStores {
  readonly store: EventStore;
  readonly shares: KeyShareStore;
  readonly pairs: PairStore;
}

/** Marks the pairs of a restored share: no session condemned them. */
const NO_SESSION = Buffer.alloc(32);

/**
 * All shares or none. The pairs of a restored share are dead until the key is refreshed: what they shared is not in a
 * backup, and what a pair was condemned for must not be forgotten by one.
 *
 * @throws Invalid `backup`, Refused `epoch`, Conflict `share` naming the key and what to do
 */
export async function restoreShares(
  backup: NodeBackup,
  view: RestoreView,
  { store, shares, pairs }: RestoreStores,
): Promise<void> {
  if (backup.node !== view.node) {
    throw new Invalid('backup', `this is a backup of ${backup.node}, not of ${view.node}`);
  }
  const proven = backup.shares.map((saved) => provenShare(saved, view));
  try {
    await store.transaction(async (tx) => {
      for (const share of proven) await restoreShare(tx, share, shares, pairs);
      await raiseLedgerCount(tx, view.reportedLedgerCount);
      const keys = proven.map(({ keyId, epoch }) => ({ keyId: keyIdText(keyId), epoch }));
      tx.appendNext(streams.node(view.node), [
        {
          type: 'quorate.node.restored.v1',
          data: { node: view.node, keys, backupOf: backup.createdAt },
          correlationId: view.node,
          causationId: view.node,
        },
      ]);
    });
  } finally {
    for (const share of proven) wipeKeyShare(share);
  }
}

/** @throws Invalid `backup`, Refused `epoch` */
function provenShare({ keyId, epoch, encoded }: SavedShare, view: RestoreView): AnyKeyShare {
  const share = decoded(keyId, encoded);
  const { certificate, identities, index } = share;
  const rules: [string, boolean][] = [
    ['it is of another key or epoch', keyIdText(share.keyId) === keyId && share.epoch === epoch],
    ['it belongs to another node', identities.get(index)?.equals(view.identityKey) === true],
    ['PEERS_FILE does not name all its parties', [...identities.values()].every(view.isPinned)],
    ['its certificate is not confirmed', verifyCertificate(certificate, identities)],
  ];
  for (const [reason, holds] of rules) {
    if (!holds) throw new Invalid('backup', `the share of ${keyId} is not restored: ${reason}`);
  }
  const newest = view.newestEpochs.get(keyId);
  if (newest === undefined) {
    throw new Refused(
      'epoch',
      `no other node shows key ${keyId}: it cannot be told whether epoch ${epoch} is its newest. Start the other nodes first`,
    );
  }
  if (newest > epoch) {
    throw new Refused(
      'epoch',
      `key ${keyId} is in epoch ${newest}, the backup has epoch ${epoch}: its shares are of no use any more. Replace ` +
        'the node by a reshare (quorate keys reshare), and destroy this backup',
    );
  }
  return share;
}

function decoded(keyId: string, encoded: Buffer): AnyKeyShare {
  try {
    return decodeShare(encoded);
  } catch (error) {
    if (error instanceof InvalidInput) throw new Invalid('backup', `the share of ${keyId}: ${error.message}`);
    throw error;
  } finally {
    encoded.fill(0);
  }
}

async function restoreShare(
  tx: StoreTransaction,
  share: AnyKeyShare,
  shares: KeyShareStore,
  pairs: PairStore,
): Promise<void> {
  const keyId = keyIdText(share.keyId);
  const { epoch } = share;
  const held = await tx.query('SELECT 1 FROM key_share WHERE key_id = $1 AND epoch >= $2', [keyId, epoch]);
  if (held.length > 0) throw new Conflict('share', `this node has its share of ${keyId}: nothing to restore`);
  await shares.activate(tx, keyId, share, undefined);
  await saveAdoption(tx, keyId, epoch, false);
  for (const peer of share.identities.keys()) {
    if (peer !== share.index) await pairs.kill(tx, { keyId, epoch, peer }, NO_SESSION);
  }
}
