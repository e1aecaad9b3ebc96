import { Fatal } from '@quorate/platform';
import { type KeyEpoch, keyEpochOf, keyIdText, type NodeOfKey } from './key-epoch';
import { type AnyKeyShare } from './share-codec';

export { keyIdText };

/** The public facts of a key in one epoch in which this node has a share. */
export interface HeldKey extends KeyEpoch {
  /** This node's index. */
  readonly index: number;
}

/** @throws Fatal when a member of the key is not pinned in PEERS_FILE any more */
export function heldKeyOf(share: AnyKeyShare, nodeOf: NodeOfKey): HeldKey {
  const epoch = keyEpochOf(share.certificate, nodeOf);
  if (epoch === undefined) {
    throw new Fatal(
      'unknown-member',
      `PEERS_FILE does not name the identity keys of all members of key ${keyIdText(share.keyId)}`,
    );
  }
  return { ...epoch, index: share.index };
}
