import { callControl, createKeyRequest } from './testing/control-client';
import { waitFor } from '../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from './testing/test-deployment';

interface Key {
  keyId: string;
  stock: number;
}

jest.setTimeout(120_000);

describe('a node that misbehaves', () => {
  const deployment = new TestDeployment();
  let running: RunningCoordinator;
  let key: Key;

  const call = <T>(method: string, request: object) =>
    callControl<T>(running.port, deployment.tlsOf('operator'), method, request);
  const send = (...requestIds: string[]) =>
    deployment.send(
      ...requestIds.map((requestId) => ({
        requestId,
        value: deployment.requestOf(key.keyId, requestId),
      })),
    );
  const committeeOf = (requestId: string) => deployment.finalsOf(requestId)[0]?.data['committee'];
  const told = (type: string, node: string) =>
    deployment.events.filter(
      (event) => event['type'] === `quorate.node.${type}.v1` && event['node'] === node,
    );
  const attemptsOf = (requestId: string) =>
    deployment.eventsOf(requestId).filter((type) => type === 'quorate.sign.committee-chosen.v1').length;
  /** One request after the other until the condition holds; every one of them must be signed. */
  async function signUntil(what: string, condition: (ids: readonly string[]) => boolean): Promise<string[]> {
    const ids: string[] = [];
    await waitFor(
      what,
      async () => {
        const requestId = `${what.replaceAll(' ', '-')}-${ids.length}`;
        ids.push(requestId);
        await send(requestId);
        await waitFor('a final', () => deployment.finalsOf(requestId).length === 1);
        expect(deployment.finalsOf(requestId)[0]?.data['type']).toBe('quorate.sign.completed.v1');
        return condition(ids);
      },
      60_000,
    );
    return ids;
  }

  beforeAll(async () => {
    await deployment.start();
    running = await deployment.coordinator('coordinator-1', { stockTarget: 36 });
    deployment.connectNodes(running.port);
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {});
      return nodes.every((node) => node.ready);
    });
    const participants = deployment.nodes.map((node) => node.id);
    key = await call<Key>('CreateKey', createKeyRequest(deployment.operator, 2, participants));
    await waitFor(
      'stock',
      async () => (await call<Key>('GetKey', { keyId: key.keyId })).stock >= 108,
      60_000,
    );
  });

  afterAll(() => deployment.stop());

  test('by silence, with its stream open: its requests go to others, and new ones do not wait for it', async () => {
    await signUntil('answers to learn from', () => deployment.finals.length >= 20);
    deployment.node(3).behaviour.silent = true;
    const ids = Array.from({ length: 8 }, (_, i) => `stopped-${i}`);
    await send(...ids);
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length === 1));
    for (const id of ids) {
      expect(committeeOf(id)).toEqual(['node-1', 'node-2']);
      expect(attemptsOf(id)).toBeLessThanOrEqual(2);
    }
    await send('while-it-rests');
    await waitFor('the final', () => deployment.finalsOf('while-it-rests').length === 1);
    expect(attemptsOf('while-it-rests')).toBe(1);
    deployment.node(3).behaviour.silent = false;
    await signUntil('work of all three', () =>
      deployment.finals.slice(-2).some(({ data }) => String(data['committee']).includes('node-3')),
    );
  });

  test('by answers that fit nothing: they are not waited for until the deadline', async () => {
    deployment.node(3).behaviour.astray = true;
    const ids = Array.from({ length: 8 }, (_, i) => `astray-${i}`);
    await send(...ids);
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length === 1));
    // Events come after finals, and node-3 may have been in no committee of these.
    const isReplaced = (id: string) => attemptsOf(id) === 2;
    const later = await signUntil('a second committee', (more) => [...ids, ...more].some(isReplaced));
    deployment.node(3).behaviour.astray = false;
    for (const id of [...ids, ...later]) expect(committeeOf(id)).toEqual(['node-1', 'node-2']);
  });

  test('by wrong shares: it is suspected, its partners are not, and it recovers when it behaves', async () => {
    deployment.node(3).behaviour.corrupt = true;
    await signUntil('suspicion', () => told('suspected', 'node-3').length === 1);
    expect(told('suspected', 'node-3')[0]?.['reason']).toMatch(/shares with node-[12] do not combine/);
    for (const node of ['node-1', 'node-2']) expect(told('suspected', node)).toEqual([]);

    await running.stop();
    running = await deployment.coordinator('coordinator-1', { stockTarget: 36 });
    deployment.connectNodes(running.port);
    const rows = await running.store.transaction((tx) =>
      tx.query<{ node: string }>(
        `SELECT node FROM node_standing WHERE standing->>'suspectedSince' IS NOT NULL`,
      ),
    );
    expect(rows).toEqual([{ node: 'node-3' }]);

    deployment.node(3).behaviour.corrupt = false;
    await signUntil('recovery', () => told('recovered', 'node-3').length === 1);
    expect(told('suspected', 'node-3')).toHaveLength(1);
  });
});
