import { lieOk } from '../../../../test/rpc-proxy/send-faults';
import { TestBench } from '../testing/test-bench';
import { until } from '../../../../test/integration/until';

jest.setTimeout(120_000);

describe('a dearer transaction that the signers refuse', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());

  /** Blocks for which the account has waited for the same nonce. */
  async function waited(address: string): Promise<number> {
    const page = await (await fetch(`${bench.submitter.url}/metrics`)).text();
    const line = page
      .split('\n')
      .find((one) => one.startsWith('quorate_lane_head_of_line_blocks{') && one.includes(address));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  it('is asked for once, and again after a speed-up or an amendment', async () => {
    const path = 'm/60';
    const address = bench.key.address(path);
    await bench.fund(address);
    // A node says that it has the first one, and has thrown it away: blocks pass it by.
    bench.proxy.failSends(lieOk);
    const before = bench.signer.requests.length;
    const asked = () => bench.signer.requests.length - before;
    bench.signer.answer = (_, seen) => (seen > before + 1 ? { reject: 'policy', mayBeSigned: true } : 'sign');
    const intent = bench.intent({ path });
    await bench.send(intent);
    const parked = await bench.outcome(intent.intentId, 'parked', 60_000);
    expect(parked).toMatchObject({ code: 'replacement-refused', nonce: '0' });
    expect(asked()).toBe(2);
    const since = await waited(address);
    await until(async () => (await waited(address)) >= since + 10, 60_000);
    expect(asked()).toBe(2);
    const url = `/v1/transactions/${intent.intentId}`;
    expect((await bench.get(url)).body).toMatchObject({
      attempts: [{ status: 'broadcast' }, { status: 'dropped' }],
      parked: { code: 'replacement-refused' },
    });
    const { body: diagnosis } = await bench.get(`/v1/lanes/31337/${address}`);
    expect(diagnosis).toMatchObject({
      ...{ chainId: '31337', address, status: 'active', epoch: '1', nextNonce: '1', latestNonce: '0' },
      ...{ finalizedNonce: '0', missingNonces: [], inFlight: 1, parked: { 'replacement-refused': 1 } },
      headOfLine: { intentId: intent.intentId, nonce: '0', status: 'parked', attempts: [{ n: 0 }, { n: 1 }] },
      ...{ balance: '100000000000000000000', budget: null },
    });
    expect(await bench.get(`/v1/lanes/31337/0x${'00'.repeat(20)}`)).toMatchObject({ status: 404 });

    expect(await bench.get(`${url}/speed-up`, 'POST')).toMatchObject({ status: 202 });
    await until(() => asked() === 3);
    await until(() => bench.of(intent.intentId).filter(({ status }) => status === 'parked').length === 2);

    bench.signer.answer = () => 'sign';
    bench.proxy.heal();
    await bench.amend(intent, { maxFeePerGas: '2000000000000' });
    await bench.outcome(intent.intentId, 'confirmed', 60_000);
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });
});
