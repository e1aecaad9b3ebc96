import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type KeyState, keyStateSchema, streams, toHex } from '@quorate/protocol';
import { type Certificate, encodePendingReshare, type KeyShare } from '@quorate/threshold';
import { certificateByOutsiders } from '../../../../libs/threshold/src/testing/outsiders';
import { type AdoptingChildInput } from '../testing/adopting-child';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { generateKey, reshareKey, type TestKey, type TestNode, testNodes } from '../testing/test-nodes';
import { keyEpochOf, keyIdText } from './key-epoch';
import { keyRecord } from './key-record';
import { type NodeKeys } from './node-keys';

jest.setTimeout(120_000);

const REGISTER = join(__dirname, '../../../../test/integration/typescript-register.cjs');
const CHILD = join(__dirname, '../testing/adopting-child.ts');

type Reshare = ReturnType<typeof reshareKey>;

/**
 * The rules of threshold-ecdsa.md 13 (adoption) at node-1, which is shown certificates. The reshares were run by the
 * library alone: node-1 has stored of them what a test says.
 */
describe('a node that is shown a certificate', () => {
  const nodes = testNodes(6);
  const [own, peer, third, joining, ...outsiders] = nodes as [
    TestNode,
    TestNode,
    TestNode,
    TestNode,
    TestNode,
    TestNode,
  ];
  const parties = [own, peer, third];
  let key: TestKey;
  let stand: NodeStand;
  let held: NodeKeys;

  /** Epoch 1, epoch 1 once more, and epoch 5, each dealt from epoch 0; and one without node-1. */
  let next: Reshare;
  let other: Reshare;
  let after: Reshare;
  let without: Reshare;

  beforeAll(() => {
    key = generateKey(parties, 2);
    next = reshareKey(key, parties, parties, { threshold: 2, epoch: 1 });
    other = reshareKey(key, parties, parties, { threshold: 2, epoch: 1 });
    after = reshareKey(key, parties, parties, { threshold: 2, epoch: 5 });
    without = reshareKey(key, [peer, third], [peer, third, joining], { threshold: 2, epoch: 1 });
  });
  beforeEach(async () => {
    stand = await openNodeStand(own, nodes, generateKeyPairSync('ed25519').publicKey);
    held = stand.newKeys();
    await held.keys.activate(shareOf(key), undefined, () => undefined);
  });
  afterEach(() => stand.close());

  const shareOf = ({ shares }: TestKey, index = 1): KeyShare => {
    const share = shares.get(index);
    if (share === undefined) throw new Error(`party ${index} has no share`);
    return share;
  };
  const keyId = (): string => keyIdText(shareOf(key).keyId);
  const nodeOf = (publicKey: Buffer) =>
    nodes.find((node) => node.publicKey.equals(publicKey))?.identity.nodeId;
  const shown = (certificate: Certificate): KeyState => {
    const epoch = keyEpochOf(certificate, nodeOf);
    if (epoch === undefined) throw new Error('unknown members');
    const record = keyRecord(peer.identity, epoch);
    return keyStateSchema.parse(JSON.parse(record.value?.toString() ?? ''));
  };
  const savePending = ({ pendingReshares }: Reshare): Promise<void> => {
    const pending = pendingReshares.get(1);
    if (pending === undefined) throw new Error('party 1 confirmed nothing');
    return held.keys.savePending({
      ...{ sessionId: randomBytes(32), keyId: keyId(), epoch: pending.epoch },
      ...{ encoded: encodePendingReshare(pending), commandHash: undefined },
    });
  };
  const epochNow = (of = held) => of.keys.get(keyId())?.epoch;
  const rows = (sql: string) => stand.store.transaction((tx) => tx.query(sql));
  const eventsOf = async (): Promise<string[]> => {
    const found = await stand.store.transaction((tx) => tx.readStreams([streams.nodeKey('node-1', keyId())]));
    return [...found.values()].flat().map(({ type }) => type);
  };

  it('activates what it confirmed, whoever shows it, and remembers', async () => {
    await savePending(next);
    const change = await held.adoptions.adopt(shown(next.certificate), 'node-2');
    expect(change).toMatchObject({ epoch: { epoch: 1 } });
    expect(change?.encoded).toBeDefined();
    expect(epochNow()).toBe(1);
    expect(await held.adoptions.adopt(shown(next.certificate), 'node-2')).toBeUndefined();

    const restarted = stand.newKeys();
    const taken: string[] = [];
    await restarted.keys.load((id) => void taken.push(id));
    expect([epochNow(restarted), taken]).toEqual([1, [keyId()]]);
    expect(await rows('SELECT 1 FROM pending_share')).toEqual([]);
  });

  it('goes over several epochs at once, to the highest that is certified', async () => {
    await savePending(next);
    await savePending(after);
    await held.adoptions.adopt(shown(after.certificate), 'node-2');
    expect(epochNow()).toBe(5);
    // A lower one changes nothing then, though node-1 confirmed it.
    expect(await held.adoptions.adopt(shown(next.certificate), 'node-2')).toBeUndefined();
    expect(epochNow()).toBe(5);
    expect(await rows('SELECT 1 FROM pending_share')).toEqual([]);
  });

  it('confirms an epoch once, and none below one that it confirmed', async () => {
    await savePending(after);
    for (const late of [after, next]) {
      await expect(savePending(late)).rejects.toMatchObject({ kind: 'refused', code: 'epoch' });
    }
    const restarted = stand.newKeys();
    await restarted.keys.load(() => undefined);
    expect(restarted.keys.lastEpochOf(keyId())).toBe(5);
  });

  const confirm = (epoch: number, of: { keyId?: string; sessionId?: Buffer; commandHash?: Buffer } = {}) =>
    held.keys.savePending({
      ...{ sessionId: of.sessionId ?? randomBytes(32), keyId: of.keyId ?? keyId(), epoch },
      ...{ encoded: randomBytes(64), commandHash: of.commandHash },
    });

  it('confirms a few refreshes that then fail, and not one after the other, nor without end', async () => {
    for (let epoch = 1; epoch <= 10; epoch += 1) await confirm(epoch);
    await expect(confirm(11)).rejects.toMatchObject({ kind: 'refused', code: 'pace' });
    expect(held.keys.lastEpochOf(keyId())).toBe(10);
    await confirm(11, { commandHash: randomBytes(32) });
    await rows(`UPDATE pending_share SET created_at = now() - interval '11 minutes'`);
    await confirm(12);
    await rows(
      `INSERT INTO pending_share (session_id, key_id, epoch, sealed, created_at)
       SELECT uuid_send(gen_random_uuid()), '${keyId()}', n, '', now() - interval '1 day' FROM generate_series(13, 257) AS n`,
    );
    await expect(confirm(300)).rejects.toMatchObject({ message: /256 refreshes .* never ended: reshare it/ });
    await confirm(300, { commandHash: randomBytes(32) });
  });

  it('makes one key of a command, however many sessions there are at once', async () => {
    const commandHash = randomBytes(32);
    const sessions = [1, 2, 3, 4].map((n) => ({ keyId: `k_${n}`, sessionId: randomBytes(32), commandHash }));
    const outcomes = await Promise.allSettled(sessions.map((session) => confirm(0, session)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const [n, session] of sessions.entries()) {
      const again = confirm(0, session);
      if (outcomes[n]?.status === 'fulfilled') await again;
      else await expect(again).rejects.toMatchObject({ kind: 'refused', code: 'operator' });
    }
    await rows('INSERT INTO used_command SELECT command_hash, key_id FROM pending_share');
    await rows('DELETE FROM pending_share');
    for (const session of sessions.filter((_, n) => outcomes[n]?.status === 'rejected')) {
      await expect(confirm(0, session)).rejects.toMatchObject({ kind: 'refused', code: 'operator' });
    }
  });

  it('tries ten times to carry out a reshare that operators ordered', async () => {
    const commandHash = randomBytes(32);
    for (let epoch = 1; epoch <= 10; epoch += 1) await confirm(epoch, { commandHash });
    await expect(confirm(11, { commandHash })).rejects.toMatchObject({ kind: 'refused', code: 'operator' });
  });

  const flipped = (hex: string): string => hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0');
  it.each<[string, (record: KeyState) => KeyState]>([
    [
      'without the signature of one of O and N',
      (record) => {
        const { '1': first = '', '2': second = '' } = record.certificate.signatures;
        const signatures = { '1': first, '2': second };
        return { ...record, certificate: { ...record.certificate, signatures } };
      },
    ],
    [
      'with a forged signature',
      (record) => {
        const { '2': second = '' } = record.certificate.signatures;
        const signatures = { ...record.certificate.signatures, '2': flipped(second) };
        return { ...record, certificate: { ...record.certificate, signatures } };
      },
    ],
    [
      'whose dealers are fewer than the threshold',
      (record) => ({ ...record, certificate: { ...record.certificate, dealers: [1] } }),
    ],
    ['of another threshold', (record) => ({ ...record, threshold: 3 })],
    [
      'of a higher epoch than was confirmed',
      (record) => ({ ...record, epoch: 9, certificate: { ...record.certificate, epoch: 9 } }),
    ],
    [
      'without the epochs before it',
      (record) => {
        const certificate = { ...record.certificate };
        delete certificate.previous;
        delete certificate.dealers;
        return { ...record, certificate };
      },
    ],
    [
      'with bytes that are no certificate before it',
      (record) => ({ ...record, certificate: { ...record.certificate, previous: 'AAAA' } }),
    ],
    ['under the name of another key', (record) => ({ ...record, keyId: `k_${'ab'.repeat(32)}` as never })],
  ])('takes nothing into use for one %s', async (_, change) => {
    await savePending(next);
    expect(await held.adoptions.adopt(change(shown(next.certificate)), 'node-2')).toBeUndefined();
    expect(epochNow()).toBe(0);
    expect(await rows('SELECT epoch FROM pending_share')).toEqual([{ epoch: 1 }]);
    await held.adoptions.adopt(shown(next.certificate), 'node-2');
    expect(epochNow()).toBe(1);
  });

  it('keeps its epoch, and tells of the incident once, when the same epoch has another content', async () => {
    await savePending(next);
    await held.adoptions.adopt(shown(next.certificate), 'node-2');
    const before = await rows('SELECT sealed FROM key_share WHERE epoch = 1');
    for (let times = 0; times < 2; times += 1) {
      expect(await held.adoptions.adopt(shown(other.certificate), 'node-2')).toBeUndefined();
    }
    expect(await rows('SELECT sealed FROM key_share WHERE epoch = 1')).toEqual(before);
    expect(await eventsOf()).toEqual(['quorate.key.epoch-adopted.v1', 'quorate.key.contradicted.v1']);
    expect(stand.logged.some((line) => line.includes('two certificates of one epoch'))).toBe(true);
  });

  it('tells of no incident when nodes without a share confirm an epoch of the key to each other', async () => {
    const forged = certificateByOutsiders(shareOf(key).certificate, outsiders);
    expect(await held.adoptions.adopt(shown(forged), 'node-5')).toBeUndefined();
    expect(await eventsOf()).toEqual([]);
    expect(stand.logged.some((line) => line.includes('parties of the key did not make'))).toBe(true);
  });

  it('gives the key up when it is no party of the new epoch', async () => {
    const change = await held.adoptions.adopt(shown(without.certificate), 'node-2');
    expect(change).toMatchObject({ epoch: { epoch: 1 }, encoded: undefined });
    expect([held.keys.statusOf(keyId()), epochNow()]).toEqual(['left', undefined]);
    const restarted = stand.newKeys();
    const taken: string[] = [];
    await restarted.keys.load((id) => void taken.push(id));
    expect([restarted.keys.statusOf(keyId()), taken]).toEqual(['left', []]);
  });

  it('says so when it confirmed an epoch whose share it has lost', async () => {
    expect(await held.adoptions.adopt(shown(next.certificate), 'node-2')).toBeUndefined();
    expect(epochNow()).toBe(0);
    expect(stand.logged.some((line) => line.includes('whose share it has not'))).toBe(true);
  });

  it('learns the epochs of a key that it has no part in, to join it one day', async () => {
    const elsewhere = await openNodeStand(joining, nodes, generateKeyPairSync('ed25519').publicKey);
    const { adoptions } = elsewhere.newKeys();
    await adoptions.adopt(shown(shareOf(key, 2).certificate), 'node-2');
    expect(adoptions.newest(keyId())[0]?.epoch).toBe(0);
    await adoptions.adopt(shown(next.certificate), 'node-2');
    await adoptions.adopt(shown(shareOf(key, 2).certificate), 'node-2');
    expect(adoptions.newest(keyId())[0]?.epoch).toBe(1);
    // What two others confirmed to each other hides nothing of it: the order that names its dealers decides.
    for (const epoch of [7, 6])
      await adoptions.adopt(shown(certificateByOutsiders(next.certificate, outsiders, epoch)), 'node-5');
    await adoptions.adopt(shown(after.certificate), 'node-3');
    expect(adoptions.newest(keyId()).map(({ epoch }) => epoch)).toEqual([7, 5, 1]);
    await elsewhere.close();
  });

  describe('and is killed (kill -9) while it adopts', () => {
    /** Resolves when the process stands still, and kills it. */
    const killedAt = async (when: AdoptingChildInput['when']): Promise<void> => {
      const { url, sealFile, policyFile } = stand;
      const input: AdoptingChildInput = {
        ...{ url, sealFile, policyFile, when, nodeId: 'node-1', record: shown(next.certificate) },
        identityKey: own.identity.identityKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        nodes: Object.fromEntries(
          nodes.map(({ publicKey, identity }) => [toHex(publicKey), identity.nodeId]),
        ),
      };
      const file = join(dirname(sealFile), 'child.json');
      writeFileSync(file, JSON.stringify(input));
      const child = spawn(process.execPath, ['-r', REGISTER, CHILD, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const said: unknown[] = await Promise.race([once(child.stdout, 'data'), exited]);
      expect(String(said[0])).toBe(`${when}\n`);
      child.kill('SIGKILL');
      await exited;
    };
    const afterRestart = async (): Promise<NodeKeys> => {
      const restarted = stand.newKeys();
      await restarted.keys.load(() => undefined);
      return restarted;
    };

    it('before the commit: it is in the old epoch, and adopts when it is shown the certificate again', async () => {
      await savePending(next);
      await killedAt('inside');
      const restarted = await afterRestart();
      expect(epochNow(restarted)).toBe(0);
      await restarted.adoptions.adopt(shown(next.certificate), 'node-2');
      expect(epochNow(restarted)).toBe(1);
    });

    it('after the commit: it is in the new epoch, and its record leaves with the next process', async () => {
      await savePending(next);
      await killedAt('committed');
      const restarted = await afterRestart();
      expect(epochNow(restarted)).toBe(1);
      expect(await rows('SELECT 1 FROM outbox')).not.toEqual([]);
      expect(await restarted.adoptions.adopt(shown(next.certificate), 'node-2')).toBeUndefined();
    });
  });
});
