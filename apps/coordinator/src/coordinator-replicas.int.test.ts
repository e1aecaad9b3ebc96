import { callControl, createKeyRequest } from './testing/control-client';
import { waitFor } from '../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from './testing/test-deployment';

interface Key {
  keyId: string;
  stock: number;
}

jest.setTimeout(120_000);

describe('coordinators that stop, come back and share the work', () => {
  const deployment = new TestDeployment();
  let first: RunningCoordinator;
  let key: Key;

  const call = <T>(running: RunningCoordinator, method: string, request: object) =>
    callControl<T>(running.port, deployment.tlsOf('operator'), method, request);
  const stock = async (running: RunningCoordinator) =>
    (await call<Key>(running, 'GetKey', { keyId: key.keyId })).stock;
  const ids = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`);
  const sendAll = (names: string[]) =>
    deployment.send(
      ...names.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
  const hasAll = (names: string[]) => names.every((id) => deployment.finalsOf(id).length > 0);

  /** Exactly one final per request, each a signature, and no presignature in two of them. */
  async function expectOneSignatureEach(names: string[]): Promise<void> {
    await waitFor('all finals', () => hasAll(names), 60_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const finals = names.flatMap((id) => deployment.finalsOf(id));
    expect(finals).toHaveLength(names.length);
    for (const final of finals) expect(final.data['type']).toBe('quorate.sign.completed.v1');
    expect(new Set(finals.map((final) => final.data['presignatureId'])).size).toBe(names.length);
  }

  beforeAll(async () => {
    await deployment.start();
    first = await deployment.coordinator('coordinator-1', { stockTarget: 48 });
    deployment.connectNodes(first.port);
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>(first, 'ListNodes', {});
      return nodes.every((node) => node.ready);
    });
    const participants = deployment.nodes.map((node) => node.id);
    key = await call<Key>(first, 'CreateKey', createKeyRequest(deployment.operator, 2, participants));
    await waitFor('stock', async () => (await stock(first)) >= 144, 60_000);
  });

  afterAll(() => deployment.stop());

  test('a request waits for the only committee that may sign it no longer than for the lease of another coordinator', async () => {
    await first.store.transaction((tx) =>
      tx.query(
        `UPDATE presign_batch SET owner = 'coordinator-9/dead', lease_until = now() + interval '15 seconds'
         WHERE committee = $1`,
        [deployment.nodes.slice(1).map((node) => node.id)],
      ),
    );
    await first.stop();
    first = await deployment.coordinator('coordinator-1', { stockTarget: 48 });
    deployment.connectNodes(first.port);
    deployment.node(1).behaviour.refusal = { code: 'policy' };
    await sendAll(['choosy']);
    await expectOneSignatureEach(['choosy']);
    deployment.node(1).behaviour.refusal = undefined;
  });

  test('a coordinator that comes back finishes what was open, with the stock that was there', async () => {
    const before = deployment.nodes.map((node) => [...node.batches.keys()]);
    const names = ids('restart', 60);
    await sendAll(names);
    await waitFor('the first finals', () => names.some((id) => deployment.finalsOf(id).length > 0));
    await first.stop();
    first = await deployment.coordinator('coordinator-1', { stockTarget: 48 });
    deployment.connectNodes(first.port);
    await expectOneSignatureEach(names);
    deployment.nodes.forEach((node, i) => {
      expect([...node.batches.keys()]).toEqual(expect.arrayContaining(before[i] ?? []));
    });
  });

  test('a copy after the restart gets the first outcome, byte for byte', async () => {
    const value = deployment.requestOf(key.keyId, 'again');
    await deployment.send({ requestId: 'again', value });
    await waitFor('the final', () => deployment.finalsOf('again').length === 1);
    await first.stop();
    first = await deployment.coordinator('coordinator-1', { stockTarget: 48 });
    deployment.connectNodes(first.port);
    await deployment.send({ requestId: 'again', value });
    await waitFor('the copy', () => deployment.finalsOf('again').length === 2);
    const [one, two] = deployment.finalsOf('again');
    expect(two?.value).toEqual(one?.value);
    expect(two?.jws).toBe(one?.jws);
    expect(two?.id).toBe(one?.id);
  });

  test('requests whose nodes never got their task are assigned again', async () => {
    const names = ids('lost', 4);
    for (const node of deployment.nodes) {
      // A session that ends while its Hello is looked at must not stay open.
      node.connect(first.port);
    }
    for (const node of deployment.nodes) node.disconnect();
    await waitFor('the nodes to be gone', async () => {
      const { nodes } = await call<{ nodes: { connected: boolean }[] }>(first, 'ListNodes', {});
      return nodes.every((node) => !node.connected);
    });
    await sendAll(names);
    await new Promise((resolve) => setTimeout(resolve, 300));
    deployment.connectNodes(first.port);
    await expectOneSignatureEach(names);
  });

  test('a node that restarted loses its presignatures and is used again', async () => {
    deployment.node(1).restart();
    deployment.node(1).connect(first.port);
    const names = ids('reborn', 20);
    await sendAll(names);
    await expectOneSignatureEach(names);
    const stocked = () =>
      [...deployment.node(1).batches.values()]
        .map(({ batch, used }) => batch.presignatures.length - used.size)
        .reduce((a, b) => a + b, 0);
    await waitFor('stock with the new life', () => stocked() >= 72, 60_000);
    expect(deployment.events.some((event) => event['type'] === 'quorate.presign.discarded.v1')).toBe(true);
  });

  test('two replicas give each request one outcome, and one of them can go at any time', async () => {
    const second = await deployment.coordinator('coordinator-2', { stockTarget: 48 });
    for (const node of deployment.nodes) node.connect(second.port);
    const names = ids('shared', 120);
    await sendAll(names.slice(0, 60));
    await waitFor(
      'some finals',
      () => names.filter((id) => deployment.finalsOf(id).length > 0).length > 10,
      30_000,
    );
    await sendAll(names.slice(60));
    await first.stop();
    await expectOneSignatureEach(names);
  });
});
