import { readFileSync } from 'node:fs';

import { down, silent } from '../../../test/rpc-proxy/read-faults';
import { lieOk } from '../../../test/rpc-proxy/send-faults';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(180_000);

/** 150 blocks, 12 s each. */
const halfAnHour = ['0x96', '0xc'] as const;

describe('an outage of all endpoints', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());

  const balance = (address: string) => bench.chain('eth_getBalance', address, 'latest');
  const isReady = async () => (await bench.get('/readyz')).status === 200;

  it('of half an hour of the chain ends with every intent confirmed, and cancels none', async () => {
    const paths = ['m/90', 'm/91', 'm/92'];
    for (const path of paths) await bench.fund(bench.key.address(path));
    const early = paths.map((path) => bench.intent({ path }));
    for (const intent of early) await bench.send(intent);
    for (const { intentId } of early) await bench.outcome(intentId, 'confirmed');
    bench.proxy.failSends(lieOk);
    const inPools = paths.map((path) => bench.intent({ path }));
    for (const intent of inPools) await bench.send(intent);
    for (const { intentId } of inPools) await bench.outcome(intentId, 'broadcast');
    bench.proxy.on('every', down);
    await until(async () => !(await isReady()));
    const during = paths.flatMap((path) => [bench.intent({ path }), bench.intent({ path })]);
    for (const intent of during) await bench.send(intent);
    await bench.chain('anvil_mine', ...halfAnHour);
    for (const { intentId } of during) await bench.outcome(intentId, 'queued');
    bench.proxy.heal();
    const all = [...early, ...inPools, ...during];
    for (const { intentId } of all) await bench.outcome(intentId, 'confirmed', 60_000);
    expect(await Promise.all(all.map(({ to }) => balance(to)))).toEqual(all.map(() => '0x1'));
    expect(bench.outcomes.map(({ outcome }) => outcome.status)).not.toContain('cancelled');
    expect(bench.signer.requests.filter(({ payload }) => payload.kind === 'evm-cancel')).toEqual([]);
  });

  it('that says nothing at all does not hold up the end of a submitter, and nothing is lost', async () => {
    const paths = ['m/93', 'm/94', 'm/95', 'm/96'];
    for (const path of paths) await bench.fund(bench.key.address(path));
    bench.proxy.failSends(lieOk);
    const intents = paths.map((path) => bench.intent({ path }));
    for (const intent of intents) await bench.send(intent);
    for (const { intentId } of intents) await bench.outcome(intentId, 'broadcast');
    const requests = bench.signer.requests.length;
    // They are passed by, and are being replaced one after the other.
    await until(() => bench.signer.requests.length > requests);
    bench.proxy.on('every', silent);
    await until(async () => !(await isReady()));
    await bench.submitter.stop();
    expect(readFileSync(bench.submitter.logFile, 'utf8')).not.toContain('shutdown took too long');
    bench.proxy.heal();
    await bench.submitter.start();
    for (const { intentId } of intents) await bench.outcome(intentId, 'confirmed', 60_000);
    expect(await Promise.all(intents.map(({ to }) => balance(to)))).toEqual(intents.map(() => '0x1'));
  });
});
