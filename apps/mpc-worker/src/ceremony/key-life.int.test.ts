import { type KeyEpoch } from '../key-share/key-epoch';
import { LiveNodes } from '../testing/live-nodes';
import { signWithNonces } from '../testing/sign-with-nonces';

jest.setTimeout(120_000);

/** Real nodes, from the order to the record on their state topics; party i is node-i. */
describe('the life of a key', () => {
  let nodes: LiveNodes;

  beforeAll(async () => {
    nodes = await LiveNodes.open(4);
  });
  afterAll(() => nodes.close());

  const epochsOf = ({ keyId }: KeyEpoch): (number | undefined)[] =>
    [1, 2, 3, 4].map((index) => nodes.at(index).held.keys.get(keyId)?.epoch);
  const newest = (key: KeyEpoch, index = 1): KeyEpoch => {
    const found = nodes.at(index).held.keys.get(key.keyId);
    if (found === undefined) throw new Error('the node has no share of the key');
    return found;
  };

  it.each([3, 4] as const)(
    'makes a key of suite %i, refreshes it and signs in the new epoch',
    async (suite) => {
      const key = await nodes.createKey(suite, [1, 2, 3], 2);
      const reports = await nodes.run(nodes.refreshOf(key));
      expect(reports.map(({ outcome, epoch, purpose }) => [purpose, outcome, epoch])).toEqual(
        [1, 2, 3].map(() => ['reshare', 'ok', 1]),
      );
      const facts = reports.map((report) => JSON.stringify({ ...report.key, certificate: undefined }));
      expect(new Set(facts).size).toBe(1);
      expect(epochsOf(key)).toEqual([1, 1, 1, undefined]);
      await expect(signWithNonces(nodes, newest(key), [1, 3])).resolves.toBe(true);
    },
  );

  it('makes an ECDSA key, refreshes it, and finds all pairs healthy', async () => {
    const key = await nodes.createKey(1, [1, 2, 3], 2);
    await nodes.run(nodes.refreshOf(key));
    const refreshed = newest(key);
    expect(refreshed.epoch).toBe(1);
    for (const pair of [
      [1, 2],
      [1, 3],
      [2, 3],
    ]) {
      const reports = await nodes.run(nodes.presignOf(refreshed, pair, 1, 'health'));
      expect(reports.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    }
  });
});
