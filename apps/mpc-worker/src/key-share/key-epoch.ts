import { type Certificate, keyIdOf, type Point, type SuiteId } from '@quorate/threshold';

/** A key in one epoch, as its certificate describes it. Public. */
export interface KeyEpoch {
  /** `k_` + hex. */
  readonly keyId: string;
  readonly keyIdBytes: Buffer;
  readonly suite: SuiteId;
  readonly epoch: number;
  readonly threshold: number;
  readonly parties: number;
  /** Node id by party index, from the pinned identities. */
  readonly members: ReadonlyMap<number, string>;
  readonly publicKey: Point;
  readonly publicShares: ReadonlyMap<number, Point>;
  readonly chainCode: Buffer;
  readonly certificate: Certificate;
}

/** Node id of a pinned identity key (raw, 32 bytes). */
export type NodeOfKey = (identityKey: Buffer) => string | undefined;

export function keyIdText(keyId: Buffer): string {
  return `k_${keyId.toString('hex')}`;
}

/** What the certificate says, verified or not; undefined when PEERS_FILE does not name one of its parties. */
export function keyEpochOf(certificate: Certificate, nodeOf: NodeOfKey): KeyEpoch | undefined {
  const members = new Map<number, string>();
  for (const [index, identityKey] of certificate.identities) {
    const node = nodeOf(identityKey);
    if (node === undefined) return undefined;
    members.set(index, node);
  }
  const { suite, epoch, threshold, publicKey, publicShares, chainCode } = certificate;
  const keyIdBytes = keyIdOf(publicKey);
  return {
    ...{ keyId: keyIdText(keyIdBytes), keyIdBytes, suite, epoch, threshold, parties: members.size, members },
    ...{ publicKey, publicShares, chainCode, certificate },
  };
}
