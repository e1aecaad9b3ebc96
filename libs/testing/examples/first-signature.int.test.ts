import { startStack, type TestStack } from '@quorate/testing';

let quorate: TestStack;

beforeAll(async () => {
  quorate = await startStack({ nodes: 3, threshold: 2 });
}, 300_000);

afterAll(() => quorate.stop(), 60_000);

test('two of three nodes sign a greeting', async () => {
  const { client, stack } = quorate;
  const { data: final } = await client.signRequest(
    { keyId: stack.key.keyId, payload: { kind: 'eip191', message: '0x68656c6c6f' } },
    { key: stack.key, timeoutMs: 30_000 },
  );
  if (final.type !== 'quorate.sign.completed.v1') throw new Error(final.reason);
  expect(final.committee).toHaveLength(2);
}, 60_000);
