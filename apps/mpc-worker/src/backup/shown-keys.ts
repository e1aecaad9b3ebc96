import { certificateOf } from '@quorate/key-record';
import { type MessageLog } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import {
  type Certificate,
  isSameCertificate,
  verifyCertificate,
  verifyReshareCertificate,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type NodeOfKey, keyEpochOf } from '../key-share/key-epoch';
import { PeerRegistry } from '../peer-registry/peer-registry';

/** What the other nodes show of the key of a certificate. */
export interface ShownKey {
  /** The highest epoch that the certificate, or what it descends from, led to. */
  readonly epoch: number;
  /** As a party of the key says. */
  readonly isRetired: boolean;
}

/** `undefined` when nothing is shown that the certificate is related to. */
export type ShownKeys = (certificate: Certificate) => ShownKey | undefined;

/**
 * The keys that other nodes show valid certificates of, on the state topics as they are now. What nodes without a share
 * confirmed to each other is related to no certificate of the key, and counts for nothing.
 *
 * @param group what the names of its consumer groups begin with
 */
export async function shownKeys(
  log: MessageLog,
  group: string,
  identity: NodeIdentity,
  peers: PeerDirectory,
  nodeOf: NodeOfKey,
  logger: Logger,
): Promise<ShownKeys> {
  const shown: { readonly certificate: Certificate; readonly isRetired: boolean }[] = [];
  const registry = new PeerRegistry(log, identity.topics, peers, logger);
  registry.whenKeyPublished(async (record, node) => {
    const certificate = certificateOf(record);
    const key = certificate && keyEpochOf(certificate, nodeOf);
    if (key === undefined || key.keyId !== record.keyId) return;
    if (!verifyCertificate(key.certificate, key.certificate.identities)) return;
    const isParty = [...key.members.values()].includes(node);
    shown.push({ certificate: key.certificate, isRetired: isParty && record.status === 'retired' });
  });
  await registry.start(identity.nodeId, `${group}-state`);
  await registry.stop();
  return (own) => {
    const related = shown.filter(({ certificate }) => areRelated(certificate, own));
    if (related.length === 0) return undefined;
    return {
      epoch: Math.max(...related.map(({ certificate }) => certificate.epoch)),
      isRetired: related.some(({ isRetired }) => isRetired),
    };
  };
}

function areRelated(a: Certificate, b: Certificate): boolean {
  return isSameCertificate(a, b) || verifyReshareCertificate(a, b) || verifyReshareCertificate(b, a);
}
