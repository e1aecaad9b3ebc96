import { setTimeout as pause } from 'node:timers/promises';
import { JsonRpcProvider } from 'ethers';
import { callApi, ForeignClient, type StackFile } from './foreign-client';
import { readStack } from './running-stack';

jest.setTimeout(120_000);

interface Attempt {
  kind: string;
  hash: string | null;
  maxFeePerGas: string;
}

/** Changes of an intent whose transaction is pooled, on a chain that makes no blocks meanwhile; real nodes sign all of it. */
describe('an intent that waits for a block', () => {
  const stack = readStack() as StackFile & { submitter: { url: string } };
  const client = new ForeignClient(stack);
  const provider = new JsonRpcProvider(stack.chain.rpcUrl);

  beforeAll(() => client.connect());
  beforeEach(() => provider.send('evm_setIntervalMining', [0]));
  afterEach(() => provider.send('evm_setIntervalMining', [1]));
  afterAll(async () => {
    provider.destroy();
    await client.close();
  });

  async function attempts(intentId: string): Promise<Attempt[]> {
    const answer = await callApi(stack.submitter, `/v1/transactions/${intentId}`);
    return ((await answer.json()) as { attempts: Attempt[] }).attempts;
  }

  async function untilSigned(intentId: string, count: number): Promise<Attempt[]> {
    for (const end = Date.now() + 60_000; Date.now() < end; await pause(100)) {
      const all = await attempts(intentId);
      if (all.length === count && all.every(({ hash }) => hash !== null)) return all;
    }
    throw new Error(`not ${count} signed attempts: ${JSON.stringify(await attempts(intentId))}`);
  }

  async function amend(intentId: string, change: object): Promise<void> {
    const value = Buffer.from(JSON.stringify({ intentId, requester: stack.requester.kid, ...change }));
    const headers = { ce_type: 'quorate.tx.amended.v1', jws: await client.jws(value, 'tx-amend') };
    await client.send('tx.intents', intentId, value, { headers });
  }

  it('is cancelled by its client: an empty transfer takes its nonce, and nothing is paid', async () => {
    const intent = client.intent();
    await client.send('tx.intents', intent.intentId, intent);
    const { json: broadcast } = await client.outcomeOf(intent.intentId, 'broadcast');
    await amend(intent.intentId, { cancel: true });
    const [payload, cancel] = await untilSigned(intent.intentId, 2);
    expect([payload?.kind, cancel?.kind]).toEqual(['payload', 'cancel']);
    await provider.send('evm_setIntervalMining', [1]);
    const { json: cancelled } = await client.outcomeOf(intent.intentId, 'cancelled');
    expect(cancelled).toMatchObject({ status: 'cancelled', nonce: broadcast['nonce'], hash: cancel?.hash });
    expect(await provider.getBalance(String(intent['to']))).toBe(0n);
  });

  it('is paid with a dearer transaction once its client has raised its ceilings', async () => {
    const block = await provider.getBlock('latest');
    const ceiling = 2n * (block?.baseFeePerGas ?? 0n) + 1n;
    const intent = client.intent({ maxFeePerGas: String(ceiling), confirmations: 1 });
    await client.send('tx.intents', intent.intentId, intent);
    await client.outcomeOf(intent.intentId, 'broadcast');
    const speedUp = () => callApi(stack.submitter, `/v1/transactions/${intent.intentId}/speed-up`, 'POST');
    expect((await speedUp()).status).toBe(409);
    expect((await client.outcomeOf(intent.intentId, 'parked')).json).toMatchObject({ code: 'fee-ceiling' });
    await amend(intent.intentId, { maxFeePerGas: '200000000000' });
    await client.outcomeOf(intent.intentId, 'accepted');
    for (const end = Date.now() + 30_000; (await speedUp()).status !== 202; await pause(200)) {
      if (Date.now() > end) throw new Error('the amendment does not count');
    }
    const [first, second] = await untilSigned(intent.intentId, 2);
    expect(BigInt(second?.maxFeePerGas ?? 0)).toBeGreaterThan(BigInt(first?.maxFeePerGas ?? 0));
    await provider.send('evm_setIntervalMining', [1]);
    expect((await client.outcomeOf(intent.intentId, 'confirmed')).json).toMatchObject({ hash: second?.hash });
    expect(await provider.getBalance(String(intent['to']))).toBe(BigInt(String(intent['value'])));
  });
});
