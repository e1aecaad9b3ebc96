import { Random } from '../../../test/chaos/random';
import { Anvil } from '../../../test/rpc-proxy/anvil';
import { RpcProxy } from '../../../test/rpc-proxy/rpc-proxy';
import * as sendFaults from '../../../test/rpc-proxy/send-faults';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(120_000);

describe('a chain in doubt', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let bench: TestBench;
  let mining: NodeJS.Timeout;

  beforeAll(async () => {
    anvil = await Anvil.start();
    await anvil.mine(10);
    proxy = await RpcProxy.start(anvil.url, new Random(5));
    bench = await TestBench.start({ RPC_URLS: proxy.url, FINALITY_TAG: 'none', FINALITY_DEPTH: '2' });
    await anvil.call('anvil_setBalance', bench.key.address(), '0x56bc75e2d63100000');
    mining = setInterval(() => void anvil.mine().catch(() => undefined), 300);
  });
  afterAll(async () => {
    clearInterval(mining);
    await bench?.stop();
    await proxy?.stop();
    await anvil?.stop();
  });

  const readiness = async () => JSON.stringify((await bench.get('/readyz')).body);
  const seen = (type: string) =>
    bench.events
      .filter(({ headers }) => headers['ce_type']?.toString() === `quorate.tx.${type}.v1`)
      .map(({ value }) => JSON.parse(value?.toString() ?? '') as Record<string, unknown>);

  it('gives no nonces away until somebody takes it as it is', async () => {
    const before = bench.intent();
    await bench.send(before);
    await bench.outcome(before.intentId, 'confirmed');
    const height = await anvil.height();
    await until(async () => !(await readiness()).includes('chain-trust'));
    await until(() => anvil.height().then((now) => now > height + 8));
    await anvil.call('anvil_reorg', 6, []);
    await until(async () => (await readiness()).includes('was final as 0x'));
    const waits = bench.intent();
    await bench.send(waits);
    await bench.outcome(waits.intentId, 'queued');
    const asked = bench.signer.requests.length;
    const later = await anvil.height();
    await until(() => anvil.height().then((now) => now > later + 5));
    expect(bench.statuses(waits.intentId)).toEqual(['queued']);
    expect(bench.signer.requests).toHaveLength(asked);
    expect(await bench.get('/v1/chain/trust', 'POST')).toMatchObject({
      status: 200,
      body: { suspicion: null },
    });
    await bench.outcome(waits.intentId, 'confirmed');
    await until(() => seen('chain-trusted').length > 0);
    expect(seen('chain-suspect')).toMatchObject([{ chainId: '31337', cause: 'finality' }]);
    expect(seen('chain-trusted')).toMatchObject([{ by: 'operator' }]);
  });

  it('sends what was final and was lost again, once somebody takes the chain as it is', async () => {
    const path = 'm/1';
    const [address, { to, intentId }] = [bench.key.address(path), bench.intent({ path })];
    await anvil.call('anvil_setBalance', address, '0x56bc75e2d63100000');
    await bench.send(bench.intent({ path, to, intentId }));
    const { block } = await bench.outcome(intentId, 'finalized');
    const lost = (await anvil.height()) - Number(block?.number) + 1;
    await anvil.call('anvil_reorg', lost, []);
    await anvil.call('anvil_setBalance', address, '0x56bc75e2d63100000');
    expect(await anvil.call('eth_getTransactionCount', address, 'latest')).toBe('0x0');
    await until(async () => (await readiness()).includes('was final as 0x'));
    const later = bench.intent({ path });
    await bench.send(later);
    await bench.outcome(later.intentId, 'queued');
    await bench.get('/v1/chain/trust', 'POST');
    expect(await bench.outcome(later.intentId, 'confirmed', 60_000)).toMatchObject({ nonce: '1' });
    expect(await anvil.call('eth_getBalance', to, 'latest')).toBe('0x1');
    expect(bench.statuses(intentId).at(-1)).toBe('finalized');
  });

  it('has its endpoints and what they say on record, without their URLs', async () => {
    proxy.failSends(sendFaults.drop503);
    const intent = bench.intent();
    await bench.send(intent);
    // What is sent again after the reorganisation may be answered first.
    const ambiguous = () => seen('broadcast-result').filter((result) => result['class'] === 'ambiguous');
    await until(() => ambiguous().length > 0);
    proxy.heal();
    await bench.outcome(intent.intentId, 'confirmed');
    const endpoint = new URL(proxy.url).host;
    expect(ambiguous()[0]).toMatchObject({ endpoint });
    await until(() => seen('endpoint-state-changed').some(({ to }) => to === 'healthy'));
    expect(seen('endpoint-state-changed')).toContainEqual(expect.objectContaining({ endpoint }));
    expect(JSON.stringify(seen('endpoint-state-changed'))).not.toContain('http');
  });
});
