import { TestBench } from '../testing/test-bench';
import { until } from '../../../../test/integration/until';

jest.setTimeout(120_000);

describe('what /metrics says of lanes and intents', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());

  /** The value of a metric with this label, if it is there. */
  async function value(name: string, label = ''): Promise<number | undefined> {
    const page = await (await fetch(`${bench.submitter.url}/metrics`)).text();
    const line = page.split('\n').find((one) => one.startsWith(`quorate_${name}{`) && one.includes(label));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }
  const is = (name: string, label: string, wanted: number) =>
    until(async () => (await value(name, label)) === wanted);

  it('follows a lane from its queue to a final block', async () => {
    const path = 'm/50';
    const address = bench.key.address(path);
    await bench.fund(address);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intents = [bench.intent({ path }), bench.intent({ path })];
    for (const intent of intents) await bench.send(intent);
    await until(() => bench.signer.requests.length >= before + 2);
    await is('intents_by_state', 'state="signing"', 2);
    await is('lane_next_nonce', address, 2);
    await is('lane_latest_nonce', address, 0);
    await until(async () => ((await value('lane_head_of_line_age_seconds', address)) ?? 0) > 0);
    await bench.signer.release();
    for (const { intentId } of intents) await bench.outcome(intentId, 'confirmed');
    await is('lane_latest_nonce', address, 2);
    await is('lane_inflight', address, 2);
    await is('lane_finalized_nonce', address, 0);
    await is('lane_head_of_line_age_seconds', address, 0);
    expect(await value('fee_spent_wei_total', address)).toBeGreaterThan(0);
    expect(await value('received_to_included_seconds_count')).toBe(2);
    expect(await value('sign_latency_seconds_count')).toBe(2);
    expect(await value('lane_gap', address)).toBe(0);
    expect(await value('balance_wei', address)).toBeGreaterThan(0);
    expect(await value('lease_epoch', address)).toBe(1);
    await bench.chain('anvil_mine', '0x80');
    for (const { intentId } of intents) await bench.outcome(intentId, 'finalized');
    await is('lane_finalized_nonce', address, 2);
    await is('lane_inflight', address, 0);
    await is('intents_by_state', 'state="confirmed"', 0);
    expect(await value('attempts_per_intent_count')).toBe(2);
  });

  it('shows nonces that nobody has, pauses, and why intents are parked', async () => {
    const address = bench.key.address('m/50');
    await bench.query(`UPDATE lane SET next_nonce = 4 WHERE address = '${address}'`);
    await is('lane_gap', address, 2);
    await bench.get(`/v1/lanes/31337/${address}/pause`, 'POST');
    await is('lane_paused', address, 1);
    await bench.get('/v1/lanes/pause', 'POST');
    await is('lanes_all_paused', '', 1);
    await bench.get('/v1/lanes/resume', 'POST');
    const poor = bench.intent({ path: 'm/51' });
    await bench.send(poor);
    await bench.outcome(poor.intentId, 'parked');
    await is('intents_parked', 'code="funds"', 1);
    await is('intents_by_state', 'state="parked"', 1);
    expect(await value('outbox_lag_seconds')).toBeDefined();
  });
});
