import { sessionId } from '@quorate/threshold';
import { type KeyEpoch } from '../key-share/key-epoch';
import { commandHashOf, sessionStartOf } from './ceremony-order';
import { LiveNodes } from '../testing/live-nodes';
import { signWithNonces } from '../testing/sign-with-nonces';
import { waitFor } from '../../../../test/integration/until';

jest.setTimeout(120_000);

const ROUND_OFFSET = 3;
const PAIRS = [
  [1, 2],
  [1, 3],
  [2, 3],
] as const;

/** Real nodes, from the order to the record on their state topics; party i is node-i. */
describe('the life of a key', () => {
  let nodes: LiveNodes;

  beforeAll(async () => {
    nodes = await LiveNodes.open(4);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => nodes.close());

  const epochsOf = ({ keyId }: KeyEpoch): (number | undefined)[] =>
    [1, 2, 3, 4].map((index) => nodes.at(index).held.keys.get(keyId)?.epoch);
  const newest = (key: KeyEpoch, index = 1): KeyEpoch => {
    const found = nodes.at(index).held.keys.get(key.keyId);
    if (found === undefined) throw new Error('the node has no share of the key');
    return found;
  };
  const query = <T extends object>(index: number, sql: string, params: unknown[] = []): Promise<T[]> =>
    nodes.standOf(index).store.transaction((tx) => tx.query<T>(sql, params));
  /** Epochs of the key of which the node has a sealed share, and whether they are to be erased within a minute. */
  const sealed = ({ keyId }: KeyEpoch, index = 1) =>
    query<{ epoch: number; soon: boolean | null }>(
      index,
      `SELECT epoch, erase_at <= now() + interval '60 s' AS soon FROM key_share WHERE key_id = $1 ORDER BY epoch`,
      [keyId],
    );
  /** Loses what the node's process sends in a round. */
  const dropRound = (index: number, round: number): void => {
    const { inbox } = nodes.at(index);
    const send = inbox.send.bind(inbox);
    const keeps = ({ frame }: { frame: Uint8Array }) => frame[ROUND_OFFSET] !== round;
    jest.spyOn(inbox, 'send').mockImplementation((id, frames) => send(id, frames.filter(keeps)));
  };
  const restart = async (index: number): Promise<void> => {
    nodes.kill(index);
    await nodes.start(index);
  };

  describe('refresh', () => {
    it.each([3, 4] as const)('gives a key of suite %i new shares that sign', async (suite) => {
      const key = await nodes.createKey(suite, [1, 2, 3], 2);
      const reports = await nodes.run(nodes.refreshOf(key));
      expect(reports.map(({ outcome, epoch, purpose }) => [purpose, outcome, epoch])).toEqual(
        [1, 2, 3].map(() => ['reshare', 'ok', 1]),
      );
      const facts = reports.map((report) => JSON.stringify({ ...report.key, certificate: undefined }));
      expect(new Set(facts).size).toBe(1);
      expect(epochsOf(key)).toEqual([1, 1, 1, undefined]);
      await expect(signWithNonces(nodes, newest(key), [1, 3])).resolves.toBe(true);
      expect(await sealed(key)).toEqual([
        { epoch: 0, soon: true },
        { epoch: 1, soon: null },
      ]);
    });

    it('keeps the former epoch of an ECDSA key until all pairs of the new one are healthy', async () => {
      const key = await nodes.createKey(1, [1, 2, 3], 2);
      await nodes.run(nodes.presignOf(key, [1, 2], 2));
      await nodes.run(nodes.refreshOf(key));
      const refreshed = newest(key);
      for (const [k, pair] of PAIRS.entries()) {
        expect(await sealed(key)).toEqual([
          { epoch: 0, soon: k === 2 },
          { epoch: 1, soon: null },
        ]);
        const reports = await nodes.run(nodes.presignOf(refreshed, pair, 1, 'health'));
        expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
      }
      // A heartbeat that did not count these would let a database from before them start.
      const spent = await query(1, 'SELECT FROM presignature_ledger');
      expect([nodes.at(1).spent, spent.length]).toEqual([2, 2]);
      // What was presigned before may be signed with for a while, and nothing new is presigned there.
      const { pool, held } = nodes.at(1);
      expect(pool.list().map(({ epoch }) => epoch)).toEqual([0]);
      expect(held.keys.at(key.keyId, 0)).toBeDefined();
      const old = nodes.presignOf(key, [1, 2]);
      await expect(nodes.join(old)).rejects.toMatchObject({ kind: 'refused', code: 'config' });

      await query(1, 'UPDATE key_share SET erase_at = now() WHERE erase_at IS NOT NULL');
      await held.erasure.sweep();
      expect(await sealed(key)).toEqual([{ epoch: 1, soon: null }]);
      expect(pool.list()).toEqual([]);
      expect(held.keys.at(key.keyId, 0)).toBeUndefined();
      expect(held.keys.get(key.keyId)?.epoch).toBe(1);
    });

    it('erases after a restart what was to be erased before', async () => {
      const key = await nodes.createKey(4, [1, 2], 2);
      await nodes.run(nodes.refreshOf(key));
      nodes.kill(1);
      await query(1, 'UPDATE key_share SET erase_at = now() WHERE key_id = $1 AND erase_at IS NOT NULL', [
        key.keyId,
      ]);
      const { held } = await nodes.start(1);
      await held.erasure.sweep();
      expect(await sealed(key)).toEqual([{ epoch: 1, soon: null }]);
      await expect(signWithNonces(nodes, newest(key), [1, 2])).resolves.toBe(true);
    });

    it('is refused to a coordinator that wants it again within ten minutes, by a restarted node, too', async () => {
      const key = await nodes.createKey(3, [1, 2], 2);
      await nodes.run(nodes.refreshOf(key));
      await restart(1);
      const again = nodes.refreshOf(newest(key));
      for (const index of [1, 2]) {
        await expect(nodes.at(index).ceremonies.join(again)).rejects.toThrow(/refreshed less than/);
      }
      await query(1, `UPDATE key_life SET refreshed_at = now() - interval '601 s'`);
      await query(2, `UPDATE key_life SET refreshed_at = now() - interval '601 s'`);
      await nodes.run(nodes.refreshOf(newest(key)));
      expect(epochsOf(key)).toEqual([2, 2, undefined, undefined]);
    });
  });

  describe('reshare', () => {
    it('ends well at a node that a peer tells of it first', async () => {
      const key = await nodes.createKey(4, [1, 2, 3], 2);
      const { inbox } = nodes.at(2);
      const send = inbox.send.bind(inbox);
      jest.spyOn(inbox, 'send').mockImplementation((id, frames) => {
        const spared = frames.map(({ receivers, frame }) => {
          const isLost = frame[ROUND_OFFSET] === 4;
          return { receivers: receivers.filter((node) => !isLost || node !== 'node-1'), frame };
        });
        return send(id, spared);
      });
      const reports = await nodes.run(nodes.refreshOf(key));
      expect(reports.map(({ outcome, key: facts }) => [outcome, facts?.epoch])).toEqual(
        [1, 2, 3].map(() => ['ok', 1]),
      );
      await expect(signWithNonces(nodes, newest(key), [1, 2])).resolves.toBe(true);
    });

    it('replaces a node that is dead; when it comes back it takes note', async () => {
      const key = await nodes.createKey(4, [1, 2, 3], 2);
      nodes.kill(3);
      const order = nodes.reshareOf(key, { dealers: [1, 2], receivers: [1, 2, 4], threshold: 2 });
      const reports = await nodes.run(order);
      expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
      expect(newest(key, 4)).toMatchObject({ epoch: 1, threshold: 2 });
      await expect(signWithNonces(nodes, newest(key), [2, 4])).resolves.toBe(true);

      const { held } = await nodes.start(3);
      await waitFor('node-3 knows', () => held.keys.statusOf(key.keyId) === 'left');
      expect(held.keys.get(key.keyId)).toBeUndefined();
      await restart(3);
      expect(nodes.at(3).held.keys.statusOf(key.keyId)).toBe('left');
      const presign = nodes.presignOf(key, [1, 3]);
      await expect(nodes.at(3).ceremonies.join(presign)).rejects.toThrow(/holds no share/);
    });

    it('goes to another threshold and lets a dealer leave, that keeps no share', async () => {
      const key = await nodes.createKey(3, [1, 2, 3], 2);
      const order = nodes.reshareOf(key, { dealers: [1, 2, 3], receivers: [1, 2, 4], threshold: 3 });
      const reports = await nodes.run(order);
      expect(reports.map(({ outcome, epoch }) => [outcome, epoch])).toEqual(
        [1, 2, 3, 4].map(() => ['ok', 1]),
      );
      const left = nodes.at(3).held.keys;
      expect([left.statusOf(key.keyId), left.get(key.keyId)]).toEqual(['left', undefined]);
      await expect(signWithNonces(nodes, newest(key), [1, 2, 4])).resolves.toBe(true);

      await query(3, 'UPDATE key_share SET erase_at = now() WHERE erase_at IS NOT NULL');
      await nodes.at(3).held.erasure.sweep();
      expect(await sealed(key, 3)).toEqual([]);

      // It may come back, with its own index.
      const back = nodes.reshareOf(newest(key), { dealers: [1, 2, 4], receivers: [1, 2, 3], threshold: 2 });
      await nodes.run(back);
      expect(epochsOf(key)).toEqual([2, 2, 2, undefined]);
      await expect(signWithNonces(nodes, newest(key), [2, 3])).resolves.toBe(true);
      await restart(3);
      expect(epochsOf(key)).toEqual([2, 2, 2, undefined]);
    });

    it('is carried out once for each command', async () => {
      const key = await nodes.createKey(4, [1, 2], 2);
      const order = nodes.reshareOf(key, { dealers: [1, 2], receivers: [1, 2], threshold: 2 });
      await nodes.run(order);
      const { command, signatures } = order;
      const isUsed = await nodes.at(1).held.keys.isCommandUsed(commandHashOf(command));
      expect(isUsed).toBe(true);
      const again = { ...nodes.refreshOf(newest(key)), command, signatures };
      await expect(nodes.at(1).ceremonies.join(again)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('refuses an epoch number that a failed attempt used up', async () => {
      const key = await nodes.createKey(3, [1, 2], 2);
      const attempt = nodes.refreshOf(key);
      // Both confirm, and neither hears of it.
      for (const index of [1, 2]) dropRound(index, 4);
      await nodes.join(attempt);
      for (const index of [1, 2]) {
        await waitFor('the pending share', () => nodes.at(index).held.keys.lastEpochOf(key.keyId) === 1);
      }
      jest.restoreAllMocks();
      await restart(1);
      await expect(nodes.at(1).ceremonies.join(nodes.refreshOf(key))).rejects.toThrow(/used up/);
      await nodes.run(nodes.refreshOf(key, 2));
      expect(epochsOf(key)).toEqual([2, 2, undefined, undefined]);
    });
  });

  describe('retirement', () => {
    it('ends presigning, signing and resharing for ever, and keeps the sealed share unloaded', async () => {
      const key = await nodes.createKey(1, [1, 2], 2);
      await nodes.run(nodes.presignOf(key, [1, 2], 2));
      const signed = nodes.command({ what: 'RetireKey', keyId: key.keyId, epoch: 0 });
      const now = Math.floor(Date.now() / 1000);
      for (const again of [false, true]) {
        const { ceremonies, held, pool } = nodes.at(1);
        ceremonies.keyRetired(await held.retirement.retire(signed, now));
        expect(held.keys.get(key.keyId)).toBeUndefined();
        expect(held.keys.statusOf(key.keyId)).toBe('retired');
        expect(pool.list()).toEqual([]);
        const refused = [nodes.presignOf(key, [1, 2]), nodes.refreshOf(key)];
        for (const order of refused) {
          await expect(ceremonies.join(order)).rejects.toMatchObject({ kind: 'refused', code: 'config' });
        }
        if (!again) await restart(1);
      }
      expect(await sealed(key)).toEqual([{ epoch: 0, soon: null }]);
      const events = await nodes
        .standOf(1)
        .store.transaction((tx) => tx.readStreams([`node-1:key:${key.keyId}`]));
      const types = [...events.values()].flat().map(({ type }) => type);
      expect(types).toEqual(['quorate.key.epoch-adopted.v1', 'quorate.key.retired.v1']);
    });

    it.each<[string, object]>([
      ['a key that it does not know', { keyId: `k_${'ab'.repeat(32)}` }],
      ['an epoch that the key never had', { epoch: 7 }],
    ])('is refused for %s', async (_, change) => {
      const key = await nodes.createKey(4, [1, 2], 2);
      const command = { what: 'RetireKey' as const, keyId: key.keyId, epoch: 0, ...change };
      const now = Math.floor(Date.now() / 1000);
      const retiring = nodes.at(1).held.retirement.retire(nodes.command(command), now);
      await expect(retiring).rejects.toMatchObject({ kind: 'refused', code: 'config' });
    });
  });

  describe('a dead pair', () => {
    const kill = async (key: KeyEpoch, index: number, peer: number): Promise<void> => {
      const { keyId, epoch } = key;
      const sessionId = 'ab'.repeat(32);
      await nodes.at(index).ceremonies.verdict({ kind: 'verdict', sessionId, keyId, epoch, peer });
    };
    const rekeyOf = (key: KeyEpoch, pairCounter: number) => {
      const { suite, threshold, keyId, epoch } = key;
      const command = nodes.command({
        ...{ what: 'UnbanPair', keyId, epoch, firstNode: 'node-1', secondNode: 'node-2' },
      });
      return nodes.order([1, 2], { purpose: 'rekey', suite, threshold, pairCounter, ...command }, key);
    };

    const deadPairs = ({ keyId }: KeyEpoch) =>
      nodes
        .at(1)
        .held.pairs.deadPairs()
        .filter((pair) => pair.keyId === keyId);

    it('is dead after a restart, too, which does not hurt other pairs', async () => {
      const key = await nodes.createKey(1, [1, 2, 3], 2);
      await kill(key, 1, 2);
      await restart(1);
      expect(deadPairs(key)).toEqual([{ keyId: key.keyId, epoch: 0, peer: 'node-2', pairCounter: 0 }]);
      const dead = nodes.presignOf(key, [1, 2]);
      await expect(nodes.at(1).ceremonies.join(dead)).rejects.toMatchObject({ code: 'pair-dead' });
      const reports = await nodes.run(nodes.presignOf(key, [1, 3]));
      expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    });

    it('tells of its death in the commit that stores it, once', async () => {
      const key = await nodes.createKey(1, [1, 2], 2);
      await kill(key, 1, 2);
      await kill(key, 1, 2);
      const streams = await nodes
        .standOf(1)
        .store.transaction((tx) => tx.readStreams([`node-1:key:${key.keyId}`]));
      const banned = [...streams.values()].flat().filter(({ type }) => type === 'quorate.node.banned.v1');
      expect(banned).toMatchObject([{ data: { node: 'node-1', peer: 'node-2', epoch: 0 } }]);
    });

    it('works again after a re-key that operators ordered', async () => {
      const key = await nodes.createKey(1, [1, 2], 2);
      await kill(key, 1, 2);
      const reports = await nodes.run(rekeyOf(key, 1));
      expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
      expect(deadPairs(key)).toEqual([]);
      await nodes.run(nodes.presignOf(key, [1, 2]));
      await restart(1);
      await restart(2);
      const health = await nodes.run(nodes.presignOf(key, [1, 2], 1, 'health'));
      expect(health.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    });

    it.each(['goes on', 'is restarted'])(
      'works again when only the peer saw the re-key end, and the node %s',
      async (what) => {
        const key = await nodes.createKey(1, [1, 2], 2);
        await kill(key, 1, 2);
        dropRound(2, 4);
        const order = rekeyOf(key, 1);
        await nodes.join(order);
        await waitFor('the end at node-2', () =>
          nodes.ended.some(
            ({ sessionId, node }) =>
              sessionId === `0x${order.sessionId.toString('hex')}` && node === 'node-2',
          ),
        );
        if (what === 'is restarted') await restart(1);
        expect(deadPairs(key)).toMatchObject([{ pairCounter: 1 }]);

        // node-2 uses the pair; node-1 refuses to begin, sees the announcement and follows.
        const presign = nodes.presignOf(key, [1, 2]);
        await Promise.allSettled([1, 2].map((index) => nodes.at(index).ceremonies.join(presign)));
        await waitFor('the pair works', () => deadPairs(key).length === 0);
        const reports = await nodes.run(nodes.presignOf(key, [1, 2]));
        expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
      },
    );

    it('is re-keyed three times a day at most, each time with a higher counter', async () => {
      const key = await nodes.createKey(1, [1, 2], 2);
      for (const counter of [1, 2, 3]) await nodes.run(rekeyOf(key, counter));
      await expect(nodes.at(1).ceremonies.join(rekeyOf(key, 4))).rejects.toThrow(/times within a day/);
      await query(1, `UPDATE pair_rekey SET confirmed_at = now() - interval '25 hours'`);
      await query(2, `UPDATE pair_rekey SET confirmed_at = now() - interval '25 hours'`);
      const [report] = await nodes.run(rekeyOf(key, 3));
      expect(report).toMatchObject({ outcome: 'failed', failure: { class: 'CONFIG' } });
    });

    it('does not outlive its epoch', async () => {
      const key = await nodes.createKey(1, [1, 2], 2);
      await kill(key, 1, 2);
      await nodes.run(nodes.refreshOf(key));
      expect(deadPairs(key)).toEqual([]);
      const reports = await nodes.run(nodes.presignOf(newest(key), [1, 2], 1, 'health'));
      expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    });
  });

  describe('a session that is ordered again', () => {
    it('is joined once, whatever became of it', async () => {
      const key = await nodes.createKey(4, [1, 2], 2);
      const order = nodes.presignOf(key, [1, 2]);
      await nodes.run(order);
      for (const index of [1, 2]) {
        await expect(nodes.at(index).ceremonies.join(order)).rejects.toThrow(/joined before/);
      }
    });

    it('is not joined by the next process of the node, nor with the next process of a member', async () => {
      const key = await nodes.createKey(4, [1, 2], 2);
      const order = nodes.presignOf(key, [1, 2]);
      await nodes.run(order);
      await restart(1);
      await expect(nodes.at(1).ceremonies.join(order)).rejects.toThrow(/former process/);
      await nodes.run(nodes.presignOf(key, [1, 2]));
      // node-2 never joined this one, which names the process of node-1 that is gone.
      const { members } = order;
      const other = nodes.presignOf(key, [1, 2]);
      const stale = { ...other, members: other.members.map((m) => (m.index === 1 ? (members[0] ?? m) : m)) };
      const withId = { ...stale, sessionId: sessionId(sessionStartOf(stale, key)) };
      await expect(nodes.at(2).ceremonies.join(withId)).rejects.toThrow(/boot id differs/);
    });
  });
});
