import { ForeignClient } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

interface Key {
  keyId: string;
  scheme: string;
  status: string;
  epoch: number;
  threshold: number;
  participants: string[];
  publicKey: string;
  unconfirmed: string[];
}

jest.setTimeout(240_000);

describe('the life of a key on a running stack', () => {
  const client = new ForeignClient(readStack());
  let key: Key;

  /** Sends requests one after the other until `during` is over, at least three. */
  async function signWhile<T>(during: Promise<T>): Promise<{ result: T; requestIds: string[] }> {
    const requestIds: string[] = [];
    let isOver = false;
    const end = () => (isOver = true);
    during.then(end, end);
    while (!isOver || requestIds.length < 3) requestIds.push(await sign());
    return { result: await during, requestIds };
  }

  /** A signed message; fails unless the final says so. */
  async function sign(keyId = key.keyId, kind = 'eip191', change: object = {}): Promise<string> {
    const request = client.request({ kind, message: '0x68656c6c6f' }, { keyId, ...change });
    await client.send('mpc.requests', request.requestId, request);
    const { json } = await client.finalOf(request.requestId);
    expect(json).toMatchObject({ type: 'quorate.sign.completed.v1', keyId });
    return request.requestId;
  }

  beforeAll(() => client.connect(), 60_000);
  afterAll(() => client.close());

  test('is made, and refreshed while requests are served', async () => {
    key = await quorate<Key>('keys', 'create', '--threshold', '2');
    const { result, requestIds } = await signWhile(quorate<Key>('keys', 'refresh', key.keyId));
    const { participants, publicKey } = key;
    expect(result).toMatchObject({ epoch: 1, threshold: 2, participants, publicKey });
    expect(new Set(requestIds).size).toBe(requestIds.length);
    await sign();
  });

  test('leaves a node, and comes back to it, while requests are served', async () => {
    const two = await signWhile(quorate<Key>('keys', 'reshare', key.keyId, '--nodes', 'node-1,node-2'));
    expect(two.result).toMatchObject({ participants: ['node-1', 'node-2'], threshold: 2 });
    expect(two.result.publicKey).toBe(key.publicKey);
    await sign();
    const back = ['keys', 'reshare', key.keyId, '--threshold', '3', '--nodes', 'node-1,node-2,node-3'];
    const three = await signWhile(quorate<Key>(...back));
    expect(three.result).toMatchObject({ participants: ['node-1', 'node-2', 'node-3'], threshold: 3 });
    expect(three.result.epoch).toBeGreaterThan(two.result.epoch);
    await sign();
  });

  test('tells an operator what is wrong and what to do', async () => {
    const failure = async (...args: string[]): Promise<string> => {
      const error = await quorate(...args).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return String(Reflect.get(Object(error), 'stdout'));
    };
    expect(await failure('keys', 'refresh', 'k_none')).toContain('not-found');
    expect(await failure('keys', 'reshare', key.keyId, '--nodes', 'node-1,node-2,node-9')).toContain(
      'no such node: node-9',
    );
    expect(await failure('keys', 'retire', key.keyId)).toContain('add --yes');
  });

  test('ends: every node confirms, and requests are refused', async () => {
    const retired = await quorate<Key>('keys', 'retire', key.keyId, '--yes');
    expect(retired).toMatchObject({ status: 'retired', unconfirmed: [] });
    const request = client.request({ kind: 'eip191', message: '0x00' }, { keyId: key.keyId });
    await client.send('mpc.requests', request.requestId, request);
    const { json } = await client.finalOf(request.requestId);
    expect(json).toMatchObject({ code: 'unknown-key', mayBeSigned: false });
    expect(json['reason']).toContain('is retired');
  });

  test('is the same for Schnorr keys', async () => {
    for (const scheme of ['eddsa-ed25519', 'bip340-secp256k1']) {
      const created = await quorate<Key>('keys', 'create', '--scheme', scheme);
      const refreshed = await quorate<Key>('keys', 'refresh', created.keyId);
      expect(refreshed).toMatchObject({ scheme, epoch: 1, publicKey: created.publicKey });
      await sign(created.keyId, 'bytes', { path: undefined });
      const members = ['--threshold', '3', '--nodes', 'node-1,node-2,node-3'];
      const reshared = await quorate<Key>('keys', 'reshare', created.keyId, ...members);
      expect(reshared).toMatchObject({ epoch: 2, threshold: 3, publicKey: created.publicKey });
      await sign(created.keyId, 'bytes', { path: undefined });
      expect(await quorate<Key>('keys', 'retire', created.keyId, '--yes')).toMatchObject({
        status: 'retired',
        unconfirmed: [],
      });
    }
  });

  test('nodes are listed with their policies', async () => {
    const { nodes } = await quorate<{ nodes: { ready: boolean; policyHash: string }[] }>('nodes', 'list');
    expect(nodes).toHaveLength(3);
    for (const node of nodes) {
      expect(node.ready).toBe(true);
      expect(node.policyHash).toMatch(/^0x[0-9a-f]{64}$/);
    }
  });
});
