import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type KeyState, keyStateSchema } from '@quorate/protocol';
import { type KeyShare } from '@quorate/threshold';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { generateKey, type TestKey, type TestNode, testNodes } from '../testing/test-nodes';
import { heldKeyOf, keyIdText } from './held-key';
import { type NodeKeys } from './node-keys';
import { keyRecord } from './key-record';

jest.setTimeout(60_000);

/** node-1 stored its share, and stopped before it saw that all others had confirmed the key. */
describe('a node with a pending share', () => {
  const nodes = testNodes(2);
  const [own, peer] = nodes as [TestNode, TestNode];
  const commandHash = randomBytes(32);
  let key: TestKey;
  let other: TestKey;
  let stand: NodeStand;
  let held: NodeKeys;

  beforeAll(() => {
    key = generateKey(nodes, 2);
    other = generateKey(nodes, 2);
  });
  beforeEach(async () => {
    stand = await openNodeStand(own, nodes, generateKeyPairSync('ed25519').publicKey);
    held = stand.newKeys();
  });
  afterEach(() => stand.close());

  const shareOf = ({ shares }: TestKey, index: number): KeyShare => {
    const share = shares.get(index);
    if (share === undefined) throw new Error(`node ${index} has no share`);
    return share;
  };
  const idOf = (of: TestKey): string => keyIdText(shareOf(of, 1).keyId);
  const nodeOf = (publicKey: Buffer) =>
    nodes.find((node) => node.publicKey.equals(publicKey))?.identity.nodeId;

  /** What node-2 publishes about a key. */
  const shownBy = (of: TestKey): KeyState => {
    const record = keyRecord(peer.identity, heldKeyOf(shareOf(of, 2), nodeOf));
    return keyStateSchema.parse(JSON.parse(record.value?.toString() ?? ''));
  };
  const savePending = (of: TestKey, as: TestKey = of): Promise<void> => {
    const encoded = Buffer.from(of.pending.get(1) ?? []);
    return held.keys.savePending({
      sessionId: randomBytes(32),
      keyId: idOf(as),
      epoch: 0,
      encoded,
      commandHash,
    });
  };
  const stored = () =>
    stand.store.transaction(async (tx) => ({
      active: await tx.query('SELECT key_id, epoch, sealed FROM key_share'),
      pending: await tx.query('SELECT key_id, epoch, sealed FROM pending_share'),
    }));

  const expectStillPending = async (): Promise<void> => {
    expect(held.keys.list()).toEqual([]);
    const { active, pending } = await stored();
    expect([active.length, pending.length]).toEqual([0, 1]);
    expect(await held.keys.isCommandUsed(commandHash)).toBe(false);
  };

  it('takes no share of a retired key into use, and ends no key while an epoch of it begins', async () => {
    const first = await held.keys.activate(shareOf(key, 1), commandHash, () => undefined);
    const next = { ...shareOf(key, 1), epoch: 1 };
    await held.keys.retire(first, { command: Buffer.from('{}'), signatures: [] }, () => undefined);
    await expect(held.keys.activate(next, undefined, () => undefined)).rejects.toMatchObject({
      ...{ kind: 'refused', code: 'epoch' },
    });
    expect(held.keys.get(idOf(key))).toBeUndefined();
    expect(held.keys.statusOf(idOf(key))).toBe('retired');
    const order: string[] = [];
    const inTurn = (name: string) =>
      held.adoptions.exclusively(async () => {
        order.push(name);
        await stored();
        order.push(name);
      });
    await Promise.all([inTurn('a'), inTurn('b')]);
    expect(order).toEqual(['a', 'a', 'b', 'b']);
  });

  it('takes the key into use when a peer shows its certificate', async () => {
    await savePending(key);
    expect(await held.adoptions.adopt(shownBy(key), 'node-2')).toMatchObject({ epoch: { keyId: idOf(key) } });
    expect(held.keys.get(idOf(key))).toMatchObject({ epoch: 0, threshold: 2, index: 1 });
    expect(await held.keys.isCommandUsed(commandHash)).toBe(true);
    const { active, pending } = await stored();
    expect([active.length, pending.length]).toEqual([1, 0]);

    const restarted = stand.newKeyRing();
    const loaded = jest.fn();
    await restarted.load(loaded);
    expect(restarted.get(idOf(key))?.publicKey).toEqual(shareOf(key, 1).publicKey);
    expect(loaded).toHaveBeenCalledTimes(1);
  });

  const flipped = (hex: string): string => hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0');
  const certificate = (change: Partial<KeyState['certificate']>) => (record: KeyState) => ({
    ...record,
    certificate: { ...record.certificate, ...change },
  });
  it.each<[string, (record: KeyState) => KeyState]>([
    [
      'without a signature of this node',
      (shown) => {
        const { '2': theirs = '' } = shown.certificate.signatures;
        return certificate({ signatures: { '2': theirs } })(shown);
      },
    ],
    [
      'with a changed signature',
      (shown) => {
        const signatures = {
          ...shown.certificate.signatures,
          '2': flipped(shown.certificate.signatures['2'] ?? ''),
        };
        return certificate({ signatures })(shown);
      },
    ],
    ['of another session', (shown) => certificate({ sid: flipped(shown.certificate.sid) })(shown)],
    [
      'of another transcript',
      (shown) => certificate({ transcript: flipped(shown.certificate.transcript) })(shown),
    ],
    ['with another chain code', (shown) => ({ ...shown, chainCode: flipped(shown.chainCode) })],
    [
      'with the public shares of another key',
      (shown) => ({ ...shown, publicShares: shownBy(other).publicShares }),
    ],
    ['of another key under the name of this one', (shown) => ({ ...shownBy(other), keyId: shown.keyId })],
    ['of another epoch', (shown) => certificate({ epoch: 1 })({ ...shown, epoch: 1 })],
  ])('takes nothing into use for a certificate %s', async (_, change) => {
    await savePending(key);
    expect(await held.adoptions.adopt(change(shownBy(key)), 'node-2')).toBeUndefined();
    await expectStillPending();
    expect(await held.adoptions.adopt(shownBy(key), 'node-2')).toBeDefined();
  });

  it('takes nothing into use for a certificate that is valid but not of its own share', async () => {
    await savePending(other, key);
    expect(await held.adoptions.adopt(shownBy(key), 'node-2')).toBeUndefined();
    await expectStillPending();
  });

  it('takes nothing into use when it has no share of the key', async () => {
    expect(await held.adoptions.adopt(shownBy(key), 'node-2')).toBeUndefined();
    expect(await stored()).toEqual({ active: [], pending: [] });
  });

  it('never replaces the share that it has in an epoch', async () => {
    await savePending(key);
    await held.adoptions.adopt(shownBy(key), 'node-2');
    const { active } = await stored();
    for (const again of [savePending(key), savePending(other, key)]) {
      await expect(again).rejects.toMatchObject({ kind: 'refused', code: 'epoch' });
    }
    expect(await held.adoptions.adopt(shownBy(key), 'node-2')).toBeUndefined();
    const restarted = stand.newKeys();
    await restarted.keys.load(() => undefined);
    expect(await restarted.adoptions.adopt(shownBy(key), 'node-2')).toBeUndefined();
    expect((await stored()).active).toEqual(active);
  });
});
