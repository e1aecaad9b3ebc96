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
import { type ShownKeys } from './shown-keys';

/** What the node knows without the backup. */
export interface RestoreView {
  readonly node: string;
  /** Raw identity key of this node. */
  readonly identityKey: Buffer;
  readonly isPinned: (identityKey: Buffer) => boolean;
  /** What the other nodes show of their keys. */
  readonly shownKeys: ShownKeys;
}

/** Shares that have proved themselves, and what they are from. */
export interface ProvenBackup {
  readonly node: string;
  readonly createdAt: string;
  /** Secret: wiped when they are restored. */
  readonly shares: readonly AnyKeyShare[];
}

export interface RestoreStores {
  readonly store: EventStore;
  readonly shares: KeyShareStore;
  readonly pairs: PairStore;
}

/** Marks the pairs of a restored share: no session condemned them. */
const NO_SESSION = Buffer.alloc(32);

/** @throws Invalid `backup`, Refused `epoch` naming the key and what to do */
export function proveBackup(backup: NodeBackup, view: RestoreView): ProvenBackup {
  const { node, createdAt } = backup;
  if (node !== view.node) throw new Invalid('backup', `this is a backup of ${node}, not of ${view.node}`);
  return { node, createdAt, shares: backup.shares.map((saved) => provenShare(saved, view)) };
}

/**
 * All shares or none. The pairs of a restored share are dead until the key is refreshed: what they shared is not in a
 * backup, and what a pair was condemned for must not be forgotten by one.
 *
 * @param reportedLedgerCount the highest in this node's own heartbeats
 * @throws Conflict `share` when the node has one of them
 */
export async function restoreShares(
  { node, createdAt, shares: proven }: ProvenBackup,
  reportedLedgerCount: number,
  { store, shares, pairs }: RestoreStores,
): Promise<void> {
  try {
    await store.transaction(async (tx) => {
      for (const share of proven) await restoreShare(tx, share, shares, pairs);
      await raiseLedgerCount(tx, reportedLedgerCount);
      const keys = proven.map(({ keyId, epoch }) => ({ keyId: keyIdText(keyId), epoch }));
      tx.appendNext(streams.nodeItself(node), [
        {
          type: 'quorate.node.restored.v1',
          data: { node, keys, backupOf: createdAt },
          correlationId: node,
          causationId: node,
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
  const shown = view.shownKeys(certificate);
  if (shown === undefined) {
    throw new Refused(
      'epoch',
      `no other node shows key ${keyId}: it cannot be told whether epoch ${epoch} is its newest. Start the other nodes first`,
    );
  }
  if (shown.isRetired) throw new Refused('retired', `key ${keyId} is retired: nothing brings it back`);
  if (shown.epoch > epoch) {
    throw new Refused(
      'epoch',
      `key ${keyId} is in epoch ${shown.epoch}, the backup has epoch ${epoch}: its shares are of no use any more. Replace ` +
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
