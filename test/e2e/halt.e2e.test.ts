import { ForeignClient } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

interface Halted {
  haltId: string;
  nodes: { nodeId: string; state: string }[];
  milliseconds: number;
}

jest.setTimeout(120_000);

describe('a halt of the running stack', () => {
  const client = new ForeignClient(readStack());
  beforeAll(() => client.connect(), 60_000);
  afterAll(() => client.close());

  const outcome = async () => {
    const request = client.request({ kind: 'eip191', message: '0x68616c74' });
    await client.send('mpc.requests', request.requestId, request);
    return (await client.finalOf(request.requestId)).json;
  };

  it.each([
    ['everything', [] as string[]],
    ['a key', ['--key', readStack().key.keyId]],
    ['a requester', ['--requester', readStack().requester.kid]],
  ])('of %s refuses requests until operators resume', async (_what, scope) => {
    expect(await outcome()).toMatchObject({ type: 'quorate.sign.completed.v1' });
    const halted = await quorate<Halted>('halt', ...scope, '--reason', 'an end-to-end test');
    try {
      console.log(`halted after ${halted.milliseconds} ms`);
      expect(halted.nodes.map(({ nodeId, state }) => [nodeId, state]).sort()).toEqual(
        ['node-1', 'node-2', 'node-3'].map((node) => [node, 'confirmed']),
      );
      const rejected = await outcome();
      expect(rejected).toMatchObject({
        type: 'quorate.sign.rejected.v1',
        code: 'halted',
        mayBeSigned: false,
      });
      expect(rejected.reason).toContain('an end-to-end test');
    } finally {
      await quorate('resume', ...scope);
    }
    expect(await outcome()).toMatchObject({ type: 'quorate.sign.completed.v1' });
  });
});
