import {
  ecdsaSignatureSchema,
  eventPayloadSchemas,
  eventSchema,
  fromHex,
  signCompletedSchema,
} from '@quorate/protocol';
import { parsePoint, verifySignature } from '@quorate/threshold';
import { callControl, createKeyRequest } from './testing/control-client';
import { waitFor } from '../../../test/integration/until';
import { TestDeployment, type RunningCoordinator } from './testing/test-deployment';

interface Key {
  keyId: string;
  publicKey: string;
  address: string;
  participants: string[];
  stock: number;
}

jest.setTimeout(90_000);

describe('a coordinator with three nodes, Kafka and Postgres', () => {
  const deployment = new TestDeployment();
  let running: RunningCoordinator;
  let key: Key;
  let tls: ReturnType<TestDeployment['tlsOf']>;
  const participants = ['node-1', 'node-2', 'node-3'];
  const call = <T>(method: string, request: object) => callControl<T>(running.port, tls, method, request);
  const stock = async () => (await call<Key>('GetKey', { keyId: key.keyId })).stock;

  beforeAll(async () => {
    await deployment.start();
    tls = deployment.tlsOf('operator');
    running = await deployment.coordinator();
    deployment.connectNodes(running.port);
  });

  afterAll(() => deployment.stop());

  test('creates a key: key generation, health check of every pair, then usable', async () => {
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {});
      return nodes.every((node) => node.ready);
    });
    const request = createKeyRequest(deployment.operator, 2, participants);
    key = await call<Key>('CreateKey', request);
    expect(key.keyId).toMatch(/^k_[0-9a-f]{64}$/);
    expect(key.participants).toEqual(participants);
    const again = await call<Key>('CreateKey', request);
    expect(again.keyId).toBe(key.keyId);
    await waitFor('stock', async () => (await stock()) >= 72, 60_000);
  });

  test('signs a request, and answers copies with the same bytes', async () => {
    const value = deployment.requestOf(key.keyId, 'order-1');
    await deployment.send({ requestId: 'order-1', value });
    await waitFor('the final', () => deployment.finalsOf('order-1').length === 1);
    const [final] = deployment.finalsOf('order-1');
    expect(final?.data['type']).toBe('quorate.sign.completed.v1');
    const { signature, digest, publicKey } = signCompletedSchema.parse(final?.data);
    const { r, s } = ecdsaSignatureSchema.parse(signature);
    const childKey = parsePoint(fromHex(publicKey));
    if (childKey === undefined) throw new Error('the public key is no point');
    expect(verifySignature(Buffer.concat([fromHex(r), fromHex(s)]), fromHex(digest ?? ''), childKey)).toBe(
      true,
    );

    await deployment.send(...Array.from({ length: 5 }, () => ({ requestId: 'order-1', value })));
    await waitFor('six finals', () => deployment.finalsOf('order-1').length === 6);
    for (const copy of deployment.finalsOf('order-1')) {
      expect(copy.value.equals(final?.value ?? Buffer.alloc(0))).toBe(true);
      expect(copy.jws).toBe(final?.jws);
      expect(copy.id).toBe(final?.id);
    }
  });

  test('five copies in one batch are one request', async () => {
    const value = deployment.requestOf(key.keyId, 'order-2');
    await deployment.send(...Array.from({ length: 5 }, () => ({ requestId: 'order-2', value })));
    await waitFor('the final', () => deployment.finalsOf('order-2').length >= 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(deployment.finalsOf('order-2')).toHaveLength(1);
    expect(deployment.nodes.map((node) => node.signed.get('order-2') ?? 0).reduce((a, b) => a + b)).toBe(2);
  });

  test('a copy that comes with new requests is answered, and they are signed once', async () => {
    const value = deployment.requestOf(key.keyId, 'order-3');
    await deployment.send({ requestId: 'order-3', value });
    await waitFor('the final', () => deployment.finalsOf('order-3').length === 1);
    const names = ['among-1', 'among-2'];
    await deployment.send(
      { requestId: 'order-3', value },
      ...names.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('all finals', () =>
      [...names, 'order-3'].every((id) => deployment.finalsOf(id).length === (id === 'order-3' ? 2 : 1)),
    );
    const [before, after] = deployment.finalsOf('order-3');
    expect(after?.value.equals(before?.value ?? Buffer.alloc(0))).toBe(true);
    for (const name of names) {
      expect(deployment.finalsOf(name)[0]?.data['type']).toBe('quorate.sign.completed.v1');
      expect(deployment.nodes.map((node) => node.signed.get(name) ?? 0).reduce((a, b) => a + b)).toBe(2);
    }
  });

  test('other bytes under the same id are a conflict', async () => {
    const value = deployment.requestOf(key.keyId, 'order-1');
    await deployment.send({ requestId: 'order-1', value }, { requestId: 'order-1', value });
    await waitFor(
      'conflicts',
      () => deployment.finalsOf('order-1').filter((f) => f.data['code'] === 'conflict').length === 2,
    );
    const conflicts = deployment.finalsOf('order-1').filter((final) => final.data['code'] === 'conflict');
    expect(conflicts[0]?.value.equals(conflicts[1]?.value ?? Buffer.alloc(0))).toBe(true);
    expect(conflicts[0]?.data['mayBeSigned']).toBe(false);
  });

  test('conflicts are all answered, each with one final, and make no stream long', async () => {
    const conflicts = Array.from({ length: 150 }, () => ({
      requestId: 'order-2',
      value: deployment.requestOf(key.keyId, 'order-2'),
    }));
    const finals = () => deployment.finalsOf('order-2').filter(({ data }) => data['code'] === 'conflict');
    for (let n = 0; n < conflicts.length; n += 30) await deployment.send(...conflicts.slice(n, n + 30));
    await waitFor('all conflicts', () => finals().length === conflicts.length);
    const [last] = conflicts.slice(-1);
    if (last !== undefined) await deployment.send(last, last);
    await waitFor('the copies', () => finals().length === conflicts.length + 2);
    const [first, ...copies] = finals().slice(-3);
    for (const copy of copies) expect(copy.value.equals(first?.value ?? Buffer.alloc(0))).toBe(true);
    const ids = new Set(finals().map(({ id }) => id));
    expect(ids.size).toBe(conflicts.length);
    await waitFor('events', () => deployment.events.some(({ eventId }) => ids.has(String(eventId))));
    expect(deployment.events.filter(({ eventId }) => ids.has(String(eventId))).length).toBeLessThan(64);
  });

  test.each([
    ['expired', { expiresAt: '2020-01-01T00:00:00Z' }, 'expired'],
    ['unknown-key', { keyId: 'k_none' }, 'unknown-key'],
    ['far', { expiresAt: new Date(Date.now() + 25 * 3600_000).toISOString() }, 'invalid'],
    ['bytes', { payload: { kind: 'bytes', message: '0x00' } }, 'invalid'],
    ['hardened', { path: "m/44'/0" }, 'invalid'],
    ['intent', { payload: { kind: 'evm-transaction', unsigned: '0x02' } }, 'invalid'],
  ] as const)('rejects %s', async (name, change, code) => {
    const requestId = `bad-${name}`;
    await deployment.send({ requestId, value: deployment.requestOf(key.keyId, requestId, change) });
    await waitFor('the final', () => deployment.finalsOf(requestId).length === 1);
    expect(deployment.finalsOf(requestId)[0]?.data).toMatchObject({
      code,
      mayBeSigned: false,
      requester: 'alice',
    });
  });

  test('sends what nobody signed to dead-letters', async () => {
    await deployment.sendRaw(Buffer.from('{"not":'), 'junk');
    await waitFor('the dead letter', () => deployment.deadLetters.length === 1);
    expect(String(deployment.deadLetters[0]?.headers['dl_topic'])).toBe(deployment.topics.requests);
    await waitFor('its event', () =>
      deployment.events.some((e) => e['type'] === 'quorate.record.dead-lettered.v1'),
    );
  });

  test('policy refusals of so many nodes that none is left end the request', async () => {
    for (const node of deployment.nodes) node.behaviour.refusal = { code: 'policy', rule: 'chain' };
    await deployment.send({ requestId: 'refused', value: deployment.requestOf(key.keyId, 'refused') });
    await waitFor('the final', () => deployment.finalsOf('refused').length === 1);
    for (const node of deployment.nodes) node.behaviour.refusal = undefined;
    expect(deployment.finalsOf('refused')[0]?.data).toMatchObject({
      code: 'policy',
      mayBeSigned: true,
      details: { rule: 'chain' },
    });
  });

  test('a refusal of one node goes to the other committee', async () => {
    deployment.node(1).behaviour.refusal = { code: 'policy', rule: 'value-window' };
    const ids = Array.from({ length: 6 }, (_, i) => `around-${i}`);
    await deployment.send(
      ...ids.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length === 1));
    deployment.node(1).behaviour.refusal = undefined;
    for (const id of ids) {
      expect(deployment.finalsOf(id)[0]?.data).toMatchObject({
        type: 'quorate.sign.completed.v1',
        committee: ['node-2', 'node-3'],
      });
    }
  });

  test('a silent node is replaced after the patience, a busy and a vanished one at once', async () => {
    deployment.node(2).behaviour.silent = true;
    const ids = Array.from({ length: 4 }, (_, i) => `silent-${i}`);
    await deployment.send(
      ...ids.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length === 1), 15_000);
    deployment.node(2).behaviour.silent = false;

    deployment.node(3).behaviour.busy = true;
    const busy = Array.from({ length: 4 }, (_, i) => `busy-${i}`);
    await deployment.send(
      ...busy.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('the finals', () => busy.every((id) => deployment.finalsOf(id).length === 1), 2_500);
    deployment.node(3).behaviour.busy = false;

    deployment.node(1).behaviour.silent = true;
    const gone = Array.from({ length: 12 }, (_, i) => `gone-${i}`);
    await deployment.send(
      ...gone.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('the tasks', () => deployment.node(1).tasks.some((task) => task.includes('gone-')));
    deployment.node(1).disconnect();
    await waitFor('the finals', () => gone.every((id) => deployment.finalsOf(id).length === 1), 2_500);
    deployment.node(1).behaviour.silent = false;
    deployment.node(1).connect(running.port);
  });

  test('however long the nodes are silent, the last attempt waits for them', async () => {
    for (const node of deployment.nodes) node.behaviour.silent = true;
    const requestId = 'long-silence';
    await deployment.send({ requestId, value: deployment.requestOf(key.keyId, requestId) });
    const attempts = () =>
      deployment.nodes.map((node) => node.tasks.filter((task) => task.endsWith(`${requestId}/3`)).length);
    await waitFor('the third resending', () => Math.max(...attempts()) > 3, 30_000);
    for (const node of deployment.nodes) node.behaviour.silent = false;
    await waitFor('the final', () => deployment.finalsOf(requestId).length === 1, 15_000);
    expect(deployment.finalsOf(requestId)[0]?.data['type']).toBe('quorate.sign.completed.v1');
  });

  test('shares that do not combine burn the presignature and end as failed after three', async () => {
    for (const node of deployment.nodes) node.behaviour.corrupt = true;
    await deployment.send({ requestId: 'corrupt', value: deployment.requestOf(key.keyId, 'corrupt') });
    await waitFor('the final', () => deployment.finalsOf('corrupt').length === 1);
    for (const node of deployment.nodes) node.behaviour.corrupt = false;
    expect(deployment.finalsOf('corrupt')[0]?.data).toMatchObject({ code: 'failed', mayBeSigned: true });
    await waitFor('the events', () => deployment.eventsOf('corrupt').includes('quorate.sign.rejected.v1'));
    expect(
      deployment.eventsOf('corrupt').filter((t) => t === 'quorate.sign.committee-chosen.v1'),
    ).toHaveLength(3);
  });

  test('an exhausted stock degrades to presigning on demand, and says so', async () => {
    const ids = Array.from({ length: 120 }, (_, i) => `burst-${i}`);
    await deployment.send(
      ...ids.map((requestId) => ({ requestId, value: deployment.requestOf(key.keyId, requestId) })),
    );
    await waitFor('the finals', () => ids.every((id) => deployment.finalsOf(id).length === 1), 60_000);
    for (const id of ids) expect(deployment.finalsOf(id)[0]?.data['type']).toBe('quorate.sign.completed.v1');
    const told = (name: string) => {
      const type = `quorate.presign.${name}.v1`;
      return deployment.events.filter((event) => event['type'] === type && event['keyId'] === key.keyId);
    };
    await waitFor('enough stock', () => told('replenished').length === told('exhausted').length, 30_000);
    expect(told('exhausted').at(-1)).toMatchObject({ waiting: expect.any(Number) as number });
    expect(told('replenished').length).toBeGreaterThan(0);
  });

  test('refuses keys that cannot be', async () => {
    const refused = (change: object, threshold = 2, nodes = participants) =>
      call('CreateKey', createKeyRequest(deployment.operator, threshold, nodes, change)).catch(
        (e: Error) => e.message,
      );
    expect(await refused({ scheme: 'rsa' })).toMatch(/scheme "rsa" is not one of/);
    expect(await refused({ scheme: 'eddsa-ed25519' })).toMatch(/INVALID_ARGUMENT: scheme differs/);
    expect(await refused({ threshold: 3 })).toMatch(/INVALID_ARGUMENT: threshold differs/);
    expect(await refused({}, 2, ['node-1', 'node-2', 'node-9'])).toMatch(/no such node: node-9/);
    expect(await refused({}, 1)).toMatch(/threshold must be/);
    expect(await refused({ signatures: [] })).toMatch(/signatures/);
    expect(await refused({ signatures: ['e30..AA'] })).toMatch(
      /PERMISSION_DENIED: no operator of REQUESTERS_FILE/,
    );
  });

  test('a key generation that fails is told with its reason, also to the same command again', async () => {
    deployment.node(2).behaviour.failing = true;
    const request = createKeyRequest(deployment.operator, 2, participants);
    for (let i = 0; i < 2; i++) {
      await expect(call('CreateKey', request)).rejects.toThrow(
        /ABORTED: no key was made: node-2 reports TIMEOUT/,
      );
    }
    deployment.node(2).behaviour.failing = false;
  });

  test('tells where a request stands', async () => {
    const view = await call<object>('GetRequest', { requestId: 'order-1', requester: '' });
    expect(view).toMatchObject({ requester: 'alice', status: 'completed', attempt: 1, keyId: key.keyId });
    const outcome = Buffer.from(Reflect.get(view, 'outcome') as Uint8Array);
    expect(outcome.equals(deployment.finalsOf('order-1')[0]?.value ?? Buffer.alloc(0))).toBe(true);
    const named = await call<object>('GetRequest', { requestId: 'order-1', requester: 'alice' });
    expect(named).toEqual(view);
    for (const [requester, said] of [
      ['', 'no requester of REQUESTERS_FILE has a request nobody'],
      ['alice', 'alice has no request nobody'],
    ]) {
      const asked = call('GetRequest', { requestId: 'nobody', requester });
      await expect(asked).rejects.toThrow(`NOT_FOUND: ${said}`);
    }
  });

  test('every event has the documented fields', () => {
    const seen = new Set<string>();
    for (const event of deployment.events) {
      const { type } = eventSchema.parse(event);
      seen.add(type);
      const [, schema] = Object.entries(eventPayloadSchemas).find(([name]) => name === type) ?? [];
      expect([type, schema?.safeParse(event).error]).toEqual([type, undefined]);
    }
    const sign = ['requested', 'committee-chosen', 'partial-received', 'retried', 'completed', 'rejected'];
    for (const name of sign) expect(seen).toContain(`quorate.sign.${name}.v1`);
    for (const name of [
      'key.requested',
      'key.generated',
      'key.failed',
      'presign.started',
      'presign.stocked',
      'presign.exhausted',
      'presign.replenished',
      'node.joined',
    ]) {
      expect(seen).toContain(`quorate.${name}.v1`);
    }
  });
});
