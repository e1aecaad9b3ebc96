import { rateLimited, silent } from '../../../test/rpc-proxy/read-faults';
import { errorData, gateCode, revertingCode } from './testing/contracts';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(120_000);

describe('intents that would fail', () => {
  let bench: TestBench;
  const contract = (n: number) => `0x${String(n).padStart(40, 'c')}`;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());
  afterEach(() => bench.proxy.heal());

  it.each([undefined, '100000'])(
    'are refused with what the contract says before they get a nonce, with gas limit %p',
    async (gasLimit) => {
      const to = contract(1);
      await bench.chain('anvil_setCode', to, revertingCode(errorData('ERC20: too poor\u0000\n\u202e!')));
      const intent = bench.intent({ to, data: '0xa9059cbb', gasLimit });
      await bench.send(intent);
      const failed = await bench.outcome(intent.intentId, 'failed');
      expect(failed).toMatchObject({
        code: 'would-revert',
        reason: 'execution reverted: ERC20: too poor !',
      });
      expect(failed).not.toHaveProperty('nonce');
      expect(bench.signer.requests).toEqual([]);
    },
  );

  it('are tried again while what they build on is on its way', async () => {
    const to = contract(2);
    await bench.chain('anvil_setCode', to, gateCode(errorData('closed')));
    const opens = bench.intent({ to, data: '0x01', gasLimit: '100000' });
    const needsOpen = bench.intent({ to, data: '0x', gasLimit: '100000' });
    bench.signer.answer = () => 'hold';
    await bench.send(opens);
    await bench.outcome(opens.intentId, 'queued');
    await bench.send(needsOpen);
    await bench.outcome(needsOpen.intentId, 'queued');
    await until(() => bench.proxy.calls.filter(({ method }) => method === 'eth_call').length > 6);
    expect(bench.statuses(needsOpen.intentId)).toEqual(['queued']);
    await bench.signer.release();
    await bench.outcome(opens.intentId, 'confirmed');
    await bench.outcome(needsOpen.intentId, 'confirmed');
  });

  it.each([rateLimited, silent])('are not refused because nobody can say: $name', async (fault) => {
    const [to, other] = [contract(3), contract(4)];
    await bench.chain('anvil_setCode', to, revertingCode('0x'));
    for (const method of ['eth_call', 'eth_estimateGas']) bench.proxy.on(method, fault);
    const intent = bench.intent({ to, data: '0x01' });
    const plain = bench.intent({ to: other, gasLimit: '21000' });
    await bench.send(intent);
    await bench.send(plain);
    await bench.outcome(plain.intentId, 'confirmed', 60_000);
    expect(bench.statuses(intent.intentId)).toEqual(['queued']);
    bench.proxy.heal();
    expect(await bench.outcome(intent.intentId, 'failed')).toMatchObject({ code: 'would-revert' });
  });
});
