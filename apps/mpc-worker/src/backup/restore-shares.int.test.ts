import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { memoryMessageLog } from '@quorate/messaging';
import { createLogger, PeerDirectory } from '@quorate/platform';
import { topicNames } from '@quorate/protocol';
import { type Certificate, wipeKeyShare } from '@quorate/threshold';
import { certificateByOutsiders } from '../../../../libs/threshold/src/testing/outsiders';
import { NodeIdentity } from '../identity/node-identity';
import { keyEpochOf, keyIdText } from '../key-share/key-epoch';
import { keyRecord } from '../key-share/key-record';
import { saveRetired } from '../key-share/key-life-store';
import { PairStore } from '../key-share/pair-store';
import { ledgerCount } from '../sign-task/ledger';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { generateKey, type TestNode, testNodes } from '../testing/test-nodes';
import { type NodeBackup, openBackup, type SavedShare, sealBackup } from './backup-file';
import { collectShares } from './collect-shares';
import { proveBackup, restoreShares, type RestoreView } from './restore-shares';
import { shownKeys } from './shown-keys';

jest.setTimeout(60_000);

const recovery = generateKeyPairSync('x25519');
const client = generateKeyPairSync('ed25519').publicKey;
const nodes = testNodes(3);
const [first, second] = nodes as [TestNode, TestNode];
const key = generateKey(nodes, 2);

describe('a backup of a node', () => {
  const stands: NodeStand[] = [];
  let keyId: string;
  let secret: Buffer;
  let file: Buffer;

  const stand = async (node: TestNode) => {
    const opened = await openNodeStand(node, nodes, client);
    stands.push(opened);
    return opened;
  };
  const viewOf = (node: TestNode, epoch: number | undefined, isRetired = false): RestoreView => ({
    node: node.identity.nodeId,
    identityKey: node.publicKey,
    isPinned: (identityKey) => nodes.some(({ publicKey }) => publicKey.equals(identityKey)),
    shownKeys: () => (epoch === undefined ? undefined : { epoch, isRetired }),
  });
  const opened = () => openBackup(file, recovery.privateKey);
  const restoredInto = async (into: NodeStand, view: RestoreView, backup?: NodeBackup, ledgerCount = 0) => {
    const { store } = into;
    const { shares } = into.newKeys();
    const proven = proveBackup(backup ?? (await opened()), view);
    await restoreShares(proven, ledgerCount, { store, shares, pairs: new PairStore(shares) });
  };

  beforeAll(async () => {
    const lost = await stand(first);
    const { shares } = lost.newKeys();
    const share = key.shares.get(first.index);
    if (share === undefined) throw new Error('the first node has a share');
    keyId = keyIdText(share.keyId);
    secret = Buffer.from(share.share);
    await lost.store.transaction((tx) => shares.activate(tx, keyId, share, undefined));
    const saved = await collectShares(shares);
    const content = { node: first.identity.nodeId, createdAt: new Date().toISOString(), shares: saved };
    file = Buffer.from(await sealBackup(content, recovery.publicKey));
  });
  afterAll(async () => {
    await Promise.all(stands.map((one) => one.close()));
  });

  it('brings the share back into an empty database, with all its pairs dead', async () => {
    const empty = await stand(first);
    await restoredInto(empty, viewOf(first, 0), undefined, 40);
    const { shares, keys, pairs } = empty.newKeys();
    const [restored] = await shares.load();
    expect(restored?.share).toEqual(secret);
    const seeds = [...(key.shares.get(first.index)?.pairs.values() ?? [])].map(({ zeroSeed }) => zeroSeed);
    const stored = JSON.stringify([...(restored && 'pairs' in restored ? restored.pairs.values() : [])]);
    expect(seeds).toHaveLength(2);
    for (const seed of seeds) expect(stored).not.toContain(JSON.stringify(seed));
    await pairs.load();
    await keys.load(() => undefined);
    expect([...pairs.deadPeersOf(keyId)].sort()).toEqual([2, 3]);
    if (restored !== undefined) wipeKeyShare(restored);
    // A node whose count went back would not start.
    expect(await empty.store.transaction(ledgerCount)).toBe(40);
  });

  it('is not taken for the newest when the other nodes have gone on, or show nothing', async () => {
    const empty = await stand(first);
    await expect(restoredInto(empty, viewOf(first, 1))).rejects.toMatchObject({ code: 'epoch' });
    await expect(restoredInto(empty, viewOf(first, undefined))).rejects.toThrow(
      /Start the other nodes first/,
    );
    expect(await empty.newKeys().shares.load()).toEqual([]);
  });

  it('looks at what is related to its certificate, not at what nodes without a share confirm to each other', async () => {
    const everyone = [...nodes, ...testNodes(2)];
    const [outsider, accomplice] = everyone.slice(-2).map((node, n) => {
      const identity = new NodeIdentity(`outsider-${n}`, node.identity.identityKey, topicNames(''));
      return { ...node, identity };
    });
    const certificate = key.shares.get(second.index)?.certificate;
    if (certificate === undefined || outsider === undefined || accomplice === undefined)
      throw new Error('a key, and two nodes that have no share of it');
    const known = [...nodes, outsider, accomplice];
    const nodeOf = (identity: Buffer) =>
      known.find(({ publicKey }) => publicKey.equals(identity))?.identity.nodeId;
    const directory = new PeerDirectory(
      known.map(({ identity }) => ({
        ...{ kid: identity.nodeId, role: 'node' as const, publicKey: createPublicKey(identity.identityKey) },
      })),
    );
    const log = memoryMessageLog();
    const topics = known.map(({ identity }) => ({
      topic: identity.topics.state(identity.nodeId),
      partitions: 1,
    }));
    await log.ensureTopics(topics);
    const producer = await log.producer();
    const show = async (node: TestNode, shown: Certificate, status?: 'retired') => {
      const epoch = keyEpochOf(shown, nodeOf);
      if (epoch === undefined) throw new Error('known parties');
      await producer.send([keyRecord(node.identity, epoch, status)]);
    };
    const view = () =>
      shownKeys(log, randomUUID(), first.identity, directory, nodeOf, createLogger('t', 'silent'));

    await show(outsider, certificateByOutsiders(certificate, [outsider, accomplice], 99));
    expect((await view())(certificate)).toBeUndefined();
    await show(accomplice, certificate, 'retired'); // it is no party of the key
    await show(second, certificate);
    expect((await view())(certificate)).toEqual({ epoch: 0, isRetired: false });
    await show(second, certificate, 'retired');
    expect((await view())(certificate)).toEqual({ epoch: 0, isRetired: true });
    await log.close();
  });

  it('does not bring back a retired key', async () => {
    const empty = await stand(first);
    await expect(restoredInto(empty, viewOf(first, 0, true))).rejects.toMatchObject({ code: 'retired' });
    const { shares } = empty.newKeys();
    const share = key.shares.get(second.index);
    if (share === undefined) throw new Error('the second node has a share');
    await empty.store.transaction((tx) => shares.activate(tx, keyId, share, undefined));
    const signed = { command: Buffer.from('{}'), signatures: [] };
    await empty.store.transaction((tx) => saveRetired(tx, keyId, share.certificate, signed));
    expect(await collectShares(shares)).toEqual([]);
  });

  it('changes nothing at a node that has its share', async () => {
    const [running] = stands;
    if (running === undefined) throw new Error('there is a stand');
    await expect(restoredInto(running, viewOf(first, 0))).rejects.toMatchObject({ code: 'share' });
  });

  it('of another node, or with a share of another node inside, restores nothing', async () => {
    const empty = await stand(second);
    await expect(restoredInto(empty, viewOf(second, 0))).rejects.toThrow(/a backup of node-1/);
    const renamed = { ...(await opened()), node: second.identity.nodeId };
    await expect(restoredInto(empty, viewOf(second, 0), renamed)).rejects.toThrow(/belongs to another node/);
    expect(await empty.newKeys().shares.load()).toEqual([]);
  });

  it.each([
    [
      'bytes that are no share',
      (saved: SavedShare) => ({ ...saved, encoded: Buffer.from('no share') }),
      /k_/,
    ],
    ['another epoch than it says', (saved: SavedShare) => ({ ...saved, epoch: 7 }), /another key or epoch/],
    [
      'a certificate that nobody signed',
      (saved: SavedShare) => {
        const encoded = Buffer.from(saved.encoded);
        encoded.writeUInt8((encoded.at(-1) ?? 0) ^ 1, encoded.length - 1);
        return { ...saved, encoded };
      },
      /certificate is not confirmed/,
    ],
  ])('with %s restores nothing', async (_name, forge, reason) => {
    const empty = await stand(first);
    const backup = await opened();
    const forged = { ...backup, shares: backup.shares.map(forge) };
    await expect(restoredInto(empty, viewOf(first, 0), forged)).rejects.toThrow(reason);
    expect(await empty.newKeys().shares.load()).toEqual([]);
  });
});
