import { Fatal } from '@quorate/platform';
import { type Certificate, type Point, type SuiteId } from '@quorate/threshold';
import { type AnyKeyShare } from './share-codec';

/** The public facts of a key in one epoch, as its node holds it. */
export interface HeldKey {
  /** `k_` + hex. */
  readonly keyId: string;
  readonly keyIdBytes: Buffer;
  readonly suite: SuiteId;
  readonly epoch: number;
  readonly threshold: number;
  readonly parties: number;
  /** This node's index. */
  readonly index: number;
  /** Node id by party index, from the pinned identities. */
  readonly members: ReadonlyMap<number, string>;
  readonly publicKey: Point;
  readonly publicShares: ReadonlyMap<number, Point>;
  readonly chainCode: Buffer;
  readonly certificate: Certificate;
}

export function keyIdText(keyId: Buffer): string {
  return `k_${keyId.toString('hex')}`;
}

/**
 * @param nodeOf node id of a pinned identity key (raw 32 bytes)
 * @throws Fatal when a member of the key is not pinned in PEERS_FILE any more
 */
export function heldKeyOf(share: AnyKeyShare, nodeOf: (identityKey: Buffer) => string | undefined): HeldKey {
  const members = new Map<number, string>();
  for (const [index, identityKey] of share.identities) {
    const node = nodeOf(identityKey);
    if (node === undefined) {
      throw new Fatal(
        'unknown-member',
        `party ${index} of key ${keyIdText(share.keyId)} has an identity key that PEERS_FILE does not name`,
      );
    }
    members.set(index, node);
  }
  return {
    keyId: keyIdText(share.keyId),
    keyIdBytes: Buffer.from(share.keyId),
    suite: share.suite,
    epoch: share.epoch,
    threshold: share.threshold,
    parties: share.parties,
    index: share.index,
    members,
    publicKey: share.publicKey,
    publicShares: share.publicShares,
    chainCode: Buffer.from(share.chainCode),
    certificate: share.certificate,
  };
}
