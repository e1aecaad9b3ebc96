import { toHex } from '@quorate/protocol';
import { frostShare } from '@quorate/threshold';
import { type KeyEpoch } from '../key-share/key-epoch';
import { type LiveNode } from '../testing/live-node';
import { LiveNodes } from '../testing/live-nodes';
import { signWithNonces } from '../testing/sign-with-nonces';
import { waitFor } from '../../../../test/integration/until';

jest.setTimeout(120_000);

const ROUND_OFFSET = 3;
const CONFIRMATION_ROUND = 4;

type Die = () => Promise<never>;

/**
 * Where a process dies in a reshare: each replaces one step of the process. `die` kills it, and never returns, so that
 * nothing after it happens.
 */
const DEATHS: Readonly<Record<string, (process: LiveNode, die: Die) => void>> = {
  'before the pending share is stored': ({ held }, die) => {
    jest.spyOn(held.shares, 'savePending').mockImplementationOnce(die);
  },
  'after the pending share is stored, before the confirmation leaves': ({ held }, die) => {
    const save = held.shares.savePending.bind(held.shares);
    jest.spyOn(held.shares, 'savePending').mockImplementationOnce(async (pending) => {
      await save(pending);
      await die();
    });
  },
  'after the confirmation left': ({ inbox }, die) => {
    const send = inbox.send.bind(inbox);
    jest.spyOn(inbox, 'send').mockImplementation(async (sessionId, frames) => {
      await send(sessionId, frames);
      if (frames.some(({ frame }) => frame[ROUND_OFFSET] === CONFIRMATION_ROUND)) await die();
    });
  },
  'before the new share is activated': ({ held }, die) => {
    jest.spyOn(held.keys, 'activate').mockImplementationOnce(die);
  },
  'after the new share is activated': ({ held }, die) => {
    const activate = held.keys.activate.bind(held.keys);
    jest.spyOn(held.keys, 'activate').mockImplementationOnce(async (...given) => {
      await activate(...given);
      return die();
    });
  },
};

/** Real nodes; one of them, or all at once, is killed at a step, and starts again from its database. */
describe('a node that dies in a reshare', () => {
  let nodes: LiveNodes;

  beforeAll(async () => {
    nodes = await LiveNodes.open(4);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => nodes.close());

  /** Lets the processes die at the step; resolves when all of them are dead. */
  const dying = (indices: readonly number[], at: string): Promise<unknown> =>
    Promise.all(
      indices.map(
        (index) =>
          new Promise<void>((resolve) => {
            const die: Die = () => {
              nodes.kill(index);
              resolve();
              return new Promise<never>(() => undefined);
            };
            DEATHS[at]?.(nodes.at(index), die);
          }),
      ),
    );

  const epochs = ({ keyId }: KeyEpoch, indices: readonly number[]): (number | undefined)[] =>
    indices.map((index) => nodes.at(index).held.keys.get(keyId)?.epoch);

  /** All are in one epoch, and any two of them sign in it. */
  const settled = async (key: KeyEpoch, parties: readonly number[], epoch: number): Promise<void> => {
    await waitFor('one epoch everywhere', () => epochs(key, parties).every((found) => found === epoch));
    const [first = 1, second = 2, last = 3] = parties;
    const current = nodes.at(first).held.keys.get(key.keyId);
    if (current === undefined) throw new Error('no key');
    for (const committee of [
      [first, last],
      [second, last],
    ]) {
      await expect(signWithNonces(nodes, current, committee)).resolves.toBe(true);
    }
  };

  // Whoever confirmed is bound to the new epoch as soon as one node has seen all confirmations.
  const OUTCOMES: readonly (readonly [death: string, oneDies: number, allDie: number])[] = [
    ['before the pending share is stored', 0, 0],
    ['after the pending share is stored, before the confirmation leaves', 0, 0],
    ['after the confirmation left', 1, 0],
    ['before the new share is activated', 1, 0],
    ['after the new share is activated', 1, 1],
  ];

  it.each(OUTCOMES)('%s: all end in one epoch (%i)', async (death, outcome) => {
    const key = await nodes.createKey(4, [1, 2, 3], 2);
    const order = nodes.refreshOf(key);
    const dead = dying([3], death);
    await nodes.join(order);
    await dead;
    await nodes.start(3);
    await settled(key, [1, 2, 3], outcome);
    // A refresh after it works, with a number that nobody used.
    if (outcome === 0) {
      await nodes.run(nodes.refreshOf(key, 2));
      await settled(key, [1, 2, 3], 2);
    }
  });

  it.each(OUTCOMES)('%s, all at once: all end in one epoch', async (death, _, outcome) => {
    const key = await nodes.createKey(3, [1, 2, 3], 2);
    const order = nodes.refreshOf(key);
    const dead = dying([1, 2, 3], death);
    await nodes.join(order);
    await dead;
    for (const index of [1, 2, 3]) await nodes.start(index);
    await settled(key, [1, 2, 3], outcome);
    if (outcome === 0) {
      await nodes.run(nodes.refreshOf(key, 2));
      await settled(key, [1, 2, 3], 2);
    }
  });

  it.each(OUTCOMES)('%s, as one that joins the key: all end in one epoch', async (death, outcome) => {
    const key = await nodes.createKey(4, [1, 2, 3], 2);
    const order = nodes.reshareOf(key, { dealers: [1, 2, 3], receivers: [1, 2, 4], threshold: 2 });
    const dead = dying([4], death);
    await nodes.join(order);
    await dead;
    await nodes.start(4);
    if (outcome === 1) {
      await settled(key, [1, 2, 4], 1);
      await waitFor('node-3 left', () => nodes.at(3).held.keys.statusOf(key.keyId) === 'left');
      return;
    }
    await settled(key, [1, 2, 3], 0);
    expect(epochs(key, [4])).toEqual([undefined]);
    // The command was not carried out, so it is good for another attempt.
    await nodes.known(key);
    const { command, signatures } = order;
    const to = { dealers: [1, 2, 3], receivers: [1, 2, 4], threshold: 2, epoch: 2 };
    await nodes.run({ ...nodes.reshareOf(key, to), command, signatures });
    await settled(key, [1, 2, 4], 2);
  });

  it('as a dealer that leaves, after its confirmation left: it takes note from a peer', async () => {
    const key = await nodes.createKey(3, [1, 2, 3], 2);
    const order = nodes.reshareOf(key, { dealers: [2, 3], receivers: [1, 2, 4], threshold: 2 });
    const dead = dying([3], 'after the confirmation left');
    await nodes.join(order);
    await dead;
    await settled(key, [1, 2, 4], 1);
    await nodes.start(3);
    await waitFor('node-3 left', () => nodes.at(3).held.keys.statusOf(key.keyId) === 'left');
  });

  it('before it erases the former epoch: it erases it after its restart', async () => {
    const key = await nodes.createKey(4, [1, 2], 2);
    await nodes.run(nodes.refreshOf(key));
    nodes.kill(1);
    const { store } = nodes.standOf(1);
    await store.transaction((tx) =>
      tx.query('UPDATE key_share SET erase_at = now() WHERE erase_at IS NOT NULL'),
    );
    const { held } = await nodes.start(1);
    expect(held.keys.get(key.keyId)?.epoch).toBe(1);
    await held.erasure.sweep();
    const left = await store.transaction((tx) =>
      tx.query('SELECT epoch FROM key_share WHERE key_id = $1', [key.keyId]),
    );
    expect(left).toEqual([{ epoch: 1 }]);
  });

  it('never mixes nonces of the old epoch with shares of the new one', async () => {
    const key = await nodes.createKey(4, [1, 2, 3], 2);
    const before = nodes.presignOf(key, [1, 2]);
    await nodes.run(before);
    await nodes.run(nodes.refreshOf(key));
    const { held, nonces } = nodes.at(1);
    const nonce = nonces.get(before.sessionId.toString('hex'))?.nonces[0];
    const current = held.keys.get(key.keyId);
    const share = current && held.keys.signingShare(current);
    if (nonce === undefined || share === undefined) throw new Error('no nonce or share');
    const request = {
      message: Buffer.from('m'),
      publicKey: share.publicKey,
      tweak: { kind: 'none' as const },
      committee: [1, 2],
    };
    expect(() => frostShare(nonce, share, request)).toThrow(/another epoch/);
    // A session that began in the old epoch ends with it.
    const late = nodes.presignOf(key, [1, 2]);
    await expect(nodes.at(1).ceremonies.join(late)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('ends presignings of the old epoch when the new one begins', async () => {
    const key = await nodes.createKey(1, [1, 2, 3], 2);
    const slow = nodes.presignOf(key, [1, 2], 2);
    // node-2 never answers, so that the presigning of node-1 is under way when the epoch changes.
    await nodes.at(1).ceremonies.join(slow);
    await nodes.run(nodes.refreshOf(key));
    const reports = () => nodes.ended.filter(({ sessionId }) => sessionId === toHex(slow.sessionId));
    await waitFor('the end of the presigning', () => reports().length === 1);
    expect(reports()).toMatchObject([
      { node: 'node-1', outcome: 'failed', failure: { class: 'CONFIG', check: 'new-epoch' } },
    ]);
    expect(
      nodes
        .at(1)
        .held.pairs.deadPairs()
        .filter(({ keyId }) => keyId === key.keyId),
    ).toEqual([]);
  });
});
