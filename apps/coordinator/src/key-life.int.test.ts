import { eventPayloadSchemas } from '@quorate/protocol';
import { callControl, createKeyRequest, signedRequest } from './testing/control-client';
import { waitFor } from '../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from './testing/test-deployment';

interface Key {
  keyId: string;
  status: string;
  epoch: number;
  threshold: number;
  participants: string[];
  publicKey: string;
  stock: number;
  change: string;
  unconfirmed: string[];
}

jest.setTimeout(120_000);

describe('the life of a key at the coordinators', () => {
  const deployment = new TestDeployment(4);
  const three = ['node-1', 'node-2', 'node-3'];
  let running: RunningCoordinator;
  let key: Key;
  let sent = 0;

  const call = <T>(method: string, request: object, at = running) =>
    callControl<T>(at.port, deployment.tlsOf('operator'), method, request);
  const present = () => call<Key>('GetKey', { keyId: key.keyId });
  const start = (id: 'coordinator-1' | 'coordinator-2' = 'coordinator-1', keyRefreshIntervalHours = 0) =>
    deployment.coordinator(id, { stockTarget: 12, keyRefreshIntervalHours });
  const eventsOf = (type: string) => deployment.events.filter((event) => event['type'] === type);
  const reshare = (epoch: number, threshold: number, participants: string[], { keyId } = key) => {
    const parameters = { keyId, epoch, threshold, participants, disjointQuorums: false };
    return signedRequest(deployment.operator, 'ReshareKey', parameters);
  };
  const ceremonies = (purpose: string) =>
    deployment.nodes.map((node) => node.started.filter((start) => start.purpose === purpose).length);

  async function allReady(at = running): Promise<void> {
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {}, at);
      return nodes.every((node) => node.ready);
    });
  }

  async function signSome(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `signed-${++sent}`);
    await deployment.send(
      ...ids.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    return ids;
  }

  async function expectSigned(ids: string[]): Promise<void> {
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length > 0), 30_000);
    for (const id of ids) {
      expect(deployment.finalsOf(id).map((final) => final.data['type'])).toEqual([
        'quorate.sign.completed.v1',
      ]);
    }
  }

  beforeAll(async () => {
    await deployment.start();
    running = await start();
    deployment.connectNodes(running.port);
    await allReady();
    key = await call<Key>('CreateKey', createKeyRequest(deployment.operator, 2, three));
    await waitFor('stock', async () => (await present()).stock >= 36, 60_000);
  });

  beforeEach(async () => {
    const well = { failing: false, ailingWith: undefined, mute: false, forging: false, distrustful: false };
    for (const { behaviour } of deployment.nodes) Object.assign(behaviour, well);
    await allReady();
  });

  afterAll(() => deployment.stop());

  test('a refresh gives every node a new share while requests go on', async () => {
    const before = await signSome(10);
    const refreshing = call<Key>('RefreshKey', { keyId: key.keyId });
    const during = await signSome(30);
    const refreshed = await refreshing;
    expect(refreshed).toMatchObject({ epoch: 1, threshold: 2, participants: three, change: '' });
    expect(refreshed.publicKey).toBe(key.publicKey);
    const after = await signSome(20);
    await expectSigned([...before, ...during, ...after]);
    await waitFor('its event', () => eventsOf('quorate.key.refreshed.v1').length === 1);
    const [event] = eventsOf('quorate.key.refreshed.v1');
    expect(eventPayloadSchemas['quorate.key.refreshed.v1'].parse(event)).toMatchObject({
      keyId: key.keyId,
      oldEpoch: 0,
      epoch: 1,
    });
  });

  test('a second refresh right after it is refused, with the time of the next', async () => {
    await expect(call('RefreshKey', { keyId: key.keyId })).rejects.toThrow(
      /FAILED_PRECONDITION: the key was refreshed a moment ago; the nodes allow the next refresh at 20/,
    );
  });

  test('refuses reshares that the nodes would refuse', async () => {
    const refused = (epoch: number, threshold: number, participants: string[], change: object = {}) =>
      call('ReshareKey', { ...reshare(epoch, threshold, participants), ...change }).catch(
        (e: Error) => e.message,
      );
    expect(await refused(0, 2, three)).toMatch(/about epoch 0, the key is in epoch 1: sign it anew/);
    expect(await refused(1, 2, three, { threshold: 3 })).toMatch(/threshold differs from the signed command/);
    expect(await refused(1, 2, ['node-1', 'node-9'])).toMatch(/no such node: node-9/);
    expect(await refused(1, 2, [...three, 'node-4'])).toMatch(/disjointQuorums/);
    expect(await refused(1, 2, three, { keyId: 'k_none' })).toMatch(/NOT_FOUND/);
    deployment.node(4).disconnect();
    await waitFor('node-4 to be gone', async () => {
      const { nodes } = await call<{ nodes: { connected: boolean }[] }>('ListNodes', {});
      return nodes.some((node) => !node.connected);
    });
    expect(await refused(1, 2, ['node-1', 'node-4'])).toMatch(/not connected or not ready: node-4/);
    deployment.node(4).connect(running.port);
    await allReady();
    expect(ceremonies('RESHARE')).toEqual([1, 1, 1, 0]);
  });

  test('a dead node is replaced: the others deal, the new one gets the next index', async () => {
    deployment.node(3).disconnect();
    const members = ['node-1', 'node-2', 'node-4'];
    const during = await signSome(10);
    const reshared = await call<Key>('ReshareKey', reshare(1, 2, members));
    expect(reshared).toMatchObject({ epoch: 2, threshold: 2, participants: members });
    expect(deployment.node(4).keys.latest(key.keyId)?.share?.index).toBe(4);
    await expectSigned([...during, ...(await signSome(30))]);
    await waitFor('its event', () => eventsOf('quorate.key.reshared.v1').length === 1);
    deployment.node(3).connect(running.port);
    await allReady();
    await waitFor('stock', async () => (await present()).stock >= 36, 60_000);
  });

  test('a failed attempt burns its epoch, the next one succeeds', async () => {
    deployment.node(2).behaviour.failing = true;
    const resharing = call<Key>('ReshareKey', reshare(2, 2, three));
    await waitFor('the obstacle', async () => (await present()).change.includes('node-2 reports TIMEOUT'));
    deployment.node(2).behaviour.failing = false;
    const reshared = await resharing;
    expect(reshared.epoch).toBeGreaterThan(3);
    expect(reshared.participants).toEqual(three);
    expect(deployment.node(3).keys.latest(key.keyId)?.share?.index).toBe(3);
    await expectSigned(await signSome(10));
  });

  test('new shares serve requests although one pair fails its health checks', async () => {
    const { epoch } = await present();
    deployment.node(2).behaviour.ailingWith = 'node-3';
    const reshared = await call<Key>('ReshareKey', reshare(epoch, 2, three));
    expect(reshared).toMatchObject({ epoch: epoch + 1, change: '' });
    await expectSigned(await signSome(10));
  });

  test('while no pair passes its health checks, they are made again', async () => {
    const { epoch } = await present();
    Object.assign(deployment.node(1).behaviour, { ailingWith: 'node-1' });
    Object.assign(deployment.node(2).behaviour, { ailingWith: 'node-3' });
    const checked = () => ceremonies('HEALTH')[2] ?? 0;
    const before = checked();
    const resharing = call<Key>('ReshareKey', reshare(epoch, 2, three));
    // Three of each pair; node-3 has taken part in those of two pairs.
    await waitFor('the first checks', () => checked() >= before + 6);
    for (const { behaviour } of deployment.nodes) behaviour.ailingWith = undefined;
    expect(await resharing).toMatchObject({ epoch: epoch + 1, change: '' });
    await expectSigned(await signSome(10));
  });

  test('an epoch whose results were lost is learned from what the nodes publish', async () => {
    const { epoch } = await present();
    deployment.node(1).behaviour.mute = true;
    const resharing = call<Key>('ReshareKey', reshare(epoch, 2, three));
    await waitFor(
      'the adoption',
      () => deployment.node(1).keys.latest(key.keyId)?.certificate.epoch === epoch + 1,
    );
    // The order waits for the result that got lost; another one of the same member ends the ceremony as failed.
    const sessionId = deployment.node(1).keys.latest(key.keyId)?.certificate.sid ?? Buffer.alloc(0);
    await deployment.node(1).reportFailure(sessionId);
    deployment.node(1).behaviour.mute = false;
    expect(await resharing).toMatchObject({ epoch: epoch + 1 });
    await expectSigned(await signSome(10));
  });

  test('a coordinator that dies between the steps leaves rows with which the next one goes on', async () => {
    const { epoch } = await present();
    deployment.node(2).behaviour.failing = true;
    const command = reshare(epoch, 2, three);
    const first = call<Key>('ReshareKey', command).catch((e: Error) => e.message);
    await waitFor('the order', async () => (await present()).change.startsWith('reshare: node-2'));
    await running.stop();
    await first;
    deployment.node(2).behaviour.failing = false;
    running = await start();
    deployment.connectNodes(running.port);
    await allReady();
    const again = await call<Key>('ReshareKey', command);
    expect(again.epoch).toBeGreaterThan(epoch);
    await expectSigned(await signSome(10));
  });

  test('two replicas order the due refresh once, and wait for a member that is away', async () => {
    const { epoch } = await present();
    const before = ceremonies('RESHARE');
    await running.stop();
    for (const node of deployment.nodes) node.disconnect();
    // Refreshed every 4 ms: due at once, and again by the time it is done.
    running = await start('coordinator-1', 1e-6);
    await waitFor('the postponement', async () => (await present()).change.startsWith('refresh: not ready'));
    // Who reads about the key does not wait for who works on it.
    await running.store.transaction(async (tx) => {
      await tx.query('SELECT FROM key_order FOR UPDATE');
      await present();
    });
    const second = await start('coordinator-2', 1000);
    for (const { port } of [running, second]) deployment.connectNodes(port);
    await waitFor('the refresh', async () => (await present()).epoch > epoch, 60_000);
    await second.stop();
    await running.stop();
    running = await start();
    deployment.connectNodes(running.port);
    await allReady();
    await waitFor('the end of refreshes', async () => (await present()).change === '', 60_000);
    const rounds = ceremonies('RESHARE').map((count, i) => count - (before[i] ?? 0));
    expect(new Set(rounds.slice(0, 3)).size).toBe(1);
    expect((await present()).epoch).toBe(epoch + (rounds[0] ?? 0));
  });

  test('a pair that was separated is re-keyed with the next counter, and used again', async () => {
    const pair = ['node-1', 'node-2'];
    deployment.node(1).behaviour.deadPeers = [{ keyId: key.keyId, peer: 'node-2' }];
    await deployment.node(1).heartbeat();
    await waitFor('the report', async () => {
      const { nodes } = await call<{ nodes: { deadPairs: { peer: string }[] }[] }>('ListNodes', {});
      return nodes.some((node) => node.deadPairs.some(({ peer }) => peer === 'node-2'));
    });
    const { epoch } = await present();
    const parameters = { keyId: key.keyId, epoch, firstNode: pair[0], secondNode: pair[1] };
    await call('UnbanPair', signedRequest(deployment.operator, 'UnbanPair', parameters));
    const index = deployment.node(2).keys.latest(key.keyId)?.share?.index ?? 0;
    expect(deployment.node(1).keys.latest(key.keyId)?.share?.pairs.get(index)?.pairCounter).toBe(1);
    await waitFor('the events', () => eventsOf('quorate.node.unbanned.v1').length === 2);
    await waitFor('stock of the pair', () =>
      [...deployment.node(1).batches.values()].some((batch) => batch.committee.join() === pair.join()),
    );
  });

  test('a key goes on unless its nodes end it', async () => {
    const { epoch } = await present();
    const retire = (change: object = {}) => {
      const command = signedRequest(deployment.operator, 'RetireKey', { keyId: key.keyId, epoch });
      return call<Key>('RetireKey', { ...command, ...change });
    };
    await expect(retire({ signatures: ['e30..AA'] })).rejects.toThrow(
      /no operator of REQUESTERS_FILE signed/,
    );
    for (const { behaviour } of deployment.nodes) behaviour.distrustful = true;
    await expect(retire()).rejects.toThrow(
      /PERMISSION_DENIED: the key is not retired: node-1: too few operators; node-2: too few/,
    );
    for (const node of deployment.nodes) node.disconnect();
    await waitFor('the nodes to be gone', async () => {
      const { nodes } = await call<{ nodes: { connected: boolean }[] }>('ListNodes', {});
      return nodes.every((node) => !node.connected);
    });
    await expect(retire()).rejects.toThrow(/UNAVAILABLE: no node of the key answers .*: repeat the same/);
    deployment.connectNodes(running.port);
    await allReady();
    expect((await present()).status).toBe('usable');
    await expectSigned(await signSome(1));
  });

  test('a retired key ends what waits, is refused from then on, and nodes that were away are told when they come', async () => {
    const { epoch } = await present();
    for (const away of [2, 3]) deployment.node(away).disconnect();
    const [waiting = ''] = await signSome(1);
    const counted = () => running.store.transaction((tx) => tx.query('SELECT FROM waiting_request'));
    await waitFor('a request that waits', async () => (await counted()).length === 1);
    const parameters = { keyId: key.keyId, epoch };
    const command = signedRequest(deployment.operator, 'RetireKey', parameters);
    expect(await call<Key>('RetireKey', command)).toMatchObject({
      status: 'retired',
      stock: 0,
      unconfirmed: ['node-2', 'node-3'],
    });
    await waitFor('its end', () => deployment.finalsOf(waiting).length === 1);
    const [id = ''] = await signSome(1);
    await waitFor('the final', () => deployment.finalsOf(id).length === 1);
    for (const final of [waiting, id]) {
      expect(deployment.finalsOf(final)[0]?.data).toMatchObject({
        code: 'unknown-key',
        reason: `the key ${key.keyId} is retired`,
        mayBeSigned: false,
      });
    }
    for (const away of [2, 3]) deployment.node(away).connect(running.port);
    await waitFor('both to confirm', async () => (await present()).unconfirmed.length === 0);
    expect(deployment.node(3).keys.retired).toContain(key.keyId);
    expect(eventsOf('quorate.key.retired.v1')).toHaveLength(1);
    await expect(call('RefreshKey', { keyId: key.keyId })).rejects.toThrow(/is retired/);
    await expect(call('ReshareKey', reshare(epoch, 2, three))).rejects.toThrow(/is retired/);
    expect(await call<Key>('RetireKey', command)).toMatchObject({ status: 'retired', unconfirmed: [] });
  });

  test('a certificate that one member made up keeps no key from its next shares', async () => {
    const [first, ...others] = deployment.nodes;
    if (first === undefined) throw new Error('there is a node');
    first.behaviour.forging = true;
    const other = await call<Key>('CreateKey', createKeyRequest(deployment.operator, 2, three));
    expect(await call<Key>('ReshareKey', reshare(0, 2, three, other))).toMatchObject({ epoch: 1 });
    expect(await call<Key>('ReshareKey', reshare(1, 2, three, other))).toMatchObject({ epoch: 2 });
    for (const { behaviour } of others) behaviour.forging = true;
    await expect(call('ReshareKey', reshare(2, 2, three, other))).rejects.toThrow(
      /keeps its shares of epoch 2: no member shows a certificate of new shares of this key/,
    );
    await expect(call('CreateKey', createKeyRequest(deployment.operator, 2, three))).rejects.toThrow(
      /no key was made: no member shows a certificate of the key by all of them/,
    );
  });

  test('every event has the documented fields', () => {
    for (const event of deployment.events) {
      const [, schema] = Object.entries(eventPayloadSchemas).find(([name]) => name === event['type']) ?? [];
      expect([event['type'], schema?.safeParse(event).error]).toEqual([event['type'], undefined]);
    }
  });
});
