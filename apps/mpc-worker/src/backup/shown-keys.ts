import { type MessageLog } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { verifyCertificate } from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type NodeOfKey, keyEpochOf } from '../key-share/key-epoch';
import { certificateOf } from '@quorate/key-record';
import { PeerRegistry } from '../peer-registry/peer-registry';

/** What the other nodes show of a key. */
export interface ShownKey {
  /** The highest epoch with a valid certificate. */
  readonly epoch: number;
  readonly isRetired: boolean;
}

/**
 * The keys that other nodes show valid certificates of, on the state topics as they are now.
 * @param group what the names of its consumer groups begin with
 */
export async function shownKeys(
  log: MessageLog,
  group: string,
  identity: NodeIdentity,
  peers: PeerDirectory,
  nodeOf: NodeOfKey,
  logger: Logger,
): Promise<Map<string, ShownKey>> {
  const shown = new Map<string, ShownKey>();
  const registry = new PeerRegistry(log, identity.topics, peers, logger);
  registry.whenKeyPublished(async (record) => {
    const certificate = certificateOf(record);
    const key = certificate && keyEpochOf(certificate, nodeOf);
    if (key === undefined || !verifyCertificate(key.certificate, key.certificate.identities)) return;
    const known = shown.get(key.keyId);
    shown.set(key.keyId, {
      epoch: Math.max(key.epoch, known?.epoch ?? 0),
      isRetired: record.status === 'retired' || known?.isRetired === true,
    });
  });
  await registry.start(identity.nodeId, `${group}-state`);
  await registry.stop();
  return shown;
}
