import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { memoryMessageLog, type MessageLog } from '@quorate/messaging';
import { IdentityKeys } from '@quorate/platform';
import { type NodeHeartbeatInput, topicNames } from '@quorate/protocol';
import { NodeIdentity } from '../identity/node-identity';
import { assertLedgerIsCurrent } from './heartbeat';

const topics = topicNames('');
const [present, former, stranger] = [newKey(), newKey(), newKey()];

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ed25519');
}

describe('the ledger count that a node reported before', () => {
  let log: MessageLog;
  beforeEach(async () => {
    log = memoryMessageLog();
    await log.ensureTopics([{ topic: topics.heartbeats, partitions: 1 }]);
  });
  afterEach(() => log.close());

  const own = new NodeIdentity('node-1', present.privateKey, topics);
  // It was replaced long ago: what it signs now counts for nothing.
  const keys = new IdentityKeys(present.publicKey, [{ publicKey: former.publicKey, until: 0 }]).ever();
  const check = (ledgerCount: number) =>
    assertLedgerIsCurrent(log, own, keys, `reader-${randomUUID()}`, ledgerCount);

  async function report(ledgerCount: number, privateKey: KeyObject): Promise<void> {
    const identity = new NodeIdentity('node-1', privateKey, topics);
    const heartbeat: NodeHeartbeatInput = {
      ...{ type: 'quorate.node.heartbeat.v1', id: randomUUID(), node: 'node-1', ledgerCount },
      ...{ bootId: identity.bootIdHex, version: '0', ready: true, stock: [], deadPairs: [], halts: [] },
      ...{ policyHash: `0x${'00'.repeat(32)}`, at: new Date().toISOString() },
    };
    const producer = await log.producer();
    await producer.send([identity.record(topics.heartbeats, 'heartbeat', 'node-1', heartbeat)]);
    await producer.close();
  }

  it('stops one whose database was rolled back, also across a change of its key', async () => {
    await report(7, former.privateKey);
    await expect(check(6)).rejects.toThrow('rolled back or cloned');
    await expect(check(7)).resolves.toBeUndefined();
  });

  it('is what the node itself signed, not what others say in its name', async () => {
    await report(9, stranger.privateKey);
    await report(3, present.privateKey);
    await expect(check(3)).resolves.toBeUndefined();
    await expect(check(2)).rejects.toThrow('reported 3 spent presignatures');
  });
});
