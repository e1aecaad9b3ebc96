import { type MessageLog } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { verifyCertificate } from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type NodeOfKey, keyEpochOf } from '../key-share/key-epoch';
import { certificateOf } from '../key-share/key-record';
import { PeerRegistry } from '../peer-registry/peer-registry';

/** The highest epoch of each key that any other node shows a valid certificate of, on the state topics as they are now. */
export async function newestEpochs(
  log: MessageLog,
  identity: NodeIdentity,
  peers: PeerDirectory,
  nodeOf: NodeOfKey,
  logger: Logger,
): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  const registry = new PeerRegistry(log, identity.topics, peers, logger);
  registry.whenKeyPublished(async (record) => {
    const certificate = certificateOf(record);
    const epoch = certificate && keyEpochOf(certificate, nodeOf);
    if (epoch === undefined || epoch.epoch <= (newest.get(epoch.keyId) ?? -1)) return;
    const { certificate: shown } = epoch;
    if (verifyCertificate(shown, shown.identities)) newest.set(epoch.keyId, epoch.epoch);
  });
  await registry.start(identity.nodeId, `${identity.nodeId}-restore-${identity.bootIdHex}`);
  await registry.stop();
  return newest;
}
