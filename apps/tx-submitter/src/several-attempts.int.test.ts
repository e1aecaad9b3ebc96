import { attachSignature, decodeUnsignedTransaction } from '@quorate/evm';

import { lieOk, reject } from '../../../test/rpc-proxy/send-faults';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(120_000);

const gwei = 10n ** 9n;

/** Several transactions at one nonce, and several nonces of one account at once. */
describe('a submitter with several attempts', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());
  afterEach(async () => {
    bench.signer.answer = () => 'sign';
    bench.proxy.heal();
    await bench.chain('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
  });

  async function funded(path: string): Promise<string> {
    const address = bench.key.address(path);
    await bench.fund(address);
    return address;
  }

  /** The base fee of the next block, so that what was priced before is too cheap. */
  const raiseBaseFee = (toGwei: bigint) =>
    bench.chain('anvil_setNextBlockBaseFeePerGas', `0x${(toGwei * gwei).toString(16)}`);

  const events = async (intentId: string): Promise<string[]> => {
    const { body } = await bench.get(`/v1/transactions/${intentId}/history`);
    return (body['events'] as { data: { type: string } }[]).map(({ data }) => data.type.split('.')[2] ?? '');
  };

  it('has the intents of a lane signed side by side, and takes signatures in any order', async () => {
    const path = 'm/20';
    await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intents = Array.from({ length: 5 }, () => bench.intent({ path }));
    for (const intent of intents) await bench.send(intent);
    await until(() => bench.signer.requests.length >= before + 5);
    await bench.signer.release();
    const confirmed = await Promise.all(intents.map(({ intentId }) => bench.outcome(intentId, 'confirmed')));
    expect(confirmed.map(({ nonce }) => Number(nonce)).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('pays more when the base fee has outrun a transaction, and counts the one that the chain takes', async () => {
    const path = 'm/21';
    await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await raiseBaseFee(400n);
    await bench.signer.release();
    const { hash } = await bench.outcome(intent.intentId, 'confirmed');
    const { body } = await bench.get(`/v1/transactions/${intent.intentId}`);
    const attempts = body['attempts'] as { n: number; kind: string; hash: string; maxFeePerGas: string }[];
    expect(attempts.length).toBeGreaterThan(1);
    expect(attempts.map(({ kind }) => kind)).toEqual(attempts.map(() => 'payload'));
    expect(attempts.map((attempt) => attempt.hash)).toContain(hash);
    const fees = attempts.map(({ maxFeePerGas }) => BigInt(maxFeePerGas));
    expect(fees.slice(1).every((fee, i) => fee * 8n >= (fees[i] ?? 0n) * 9n)).toBe(true);
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
    expect(await events(intent.intentId)).toContain('replaced');
  });

  it('pays still more when pools call the dearer transaction too cheap as well', async () => {
    const path = 'm/30';
    await funded(path);
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path });
    // A node says that it has the first one, and has thrown it away: blocks pass it by.
    bench.proxy.failSends(lieOk);
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'broadcast');
    bench.proxy.failSends(reject('replacement transaction underpriced'));
    await until(() => bench.signer.requests.length >= before + 3);
    bench.proxy.heal();
    await bench.outcome(intent.intentId, 'confirmed');
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });

  it('parks at the ceilings of its client, and goes on when an amendment raises them', async () => {
    const path = 'm/22';
    await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path, maxFeePerGas: String(5n * gwei) });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await raiseBaseFee(4000n);
    await bench.signer.release();
    expect(await bench.outcome(intent.intentId, 'parked')).toMatchObject({ code: 'fee-ceiling' });
    await bench.amend(intent, { maxFeePerGas: String(20_000n * gwei) });
    await bench.outcome(intent.intentId, 'confirmed');
    const amended = bench.signer.requests.at(-1);
    expect(amended?.payload).toMatchObject({ kind: 'evm-intent', amendments: [expect.any(Object)] });
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });

  it('cancels by an amendment: an empty transfer uses the nonce up, and the payload is never executed', async () => {
    const path = 'm/23';
    const address = await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path, maxFeePerGas: String(5n * gwei) });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await raiseBaseFee(4000n);
    await bench.signer.release();
    await bench.outcome(intent.intentId, 'parked');
    await bench.amend(intent, { cancel: true });
    const cancelled = await bench.outcome(intent.intentId, 'cancelled');
    expect(cancelled).toMatchObject({ nonce: '0', reason: 'cancelled by requester' });
    const onChain = await bench.chain('eth_getTransactionByHash', cancelled.hash);
    expect(onChain).toMatchObject({ from: address, to: address, value: '0x0', input: '0x' });
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x0');
    const next = bench.intent({ path });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
  });

  it('counts a payload that was signed after it was cancelled, when somebody sends it', async () => {
    const path = 'm/31';
    await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await bench.amend(intent, { cancel: true });
    const row = `FROM intent LEFT JOIN attempt USING (stream_id) WHERE intent_id = '${intent.intentId}'`;
    await until(async () => (await bench.query(`SELECT is_ending ${row}`))[0]?.['is_ending'] === true);
    await bench.signer.release();
    bench.signer.answer = () => 'hold';
    await until(async () => (await bench.query(`SELECT raw ${row} AND raw IS NOT NULL`)).length > 0);
    const [signed] = await bench.query(`SELECT raw ${row} AND raw IS NOT NULL`);
    await until(() => bench.signer.requests.at(-1)?.payload.kind === 'evm-cancel');
    expect(bench.statuses(intent.intentId)).not.toContain('broadcast');
    await bench.chain('eth_sendRawTransaction', signed?.['raw']);
    await bench.outcome(intent.intentId, 'confirmed');
    await bench.signer.release();
    await bench.chain('anvil_mine', '0x80');
    await bench.outcome(intent.intentId, 'finalized');
    expect(bench.statuses(intent.intentId).slice(-3)).toEqual(['broadcast', 'confirmed', 'finalized']);
  });

  it('uses a nonce up that a node is bound to, and says that the intent failed only then', async () => {
    const path = 'm/24';
    await funded(path);
    const first = bench.signer.requests.length + 1;
    bench.signer.answer = (_, seen) =>
      seen === first ? { reject: 'policy', mayBeSigned: true, rule: 'nonce-bound' } : 'sign';
    const intent = bench.intent({ path });
    await bench.send(intent);
    const failed = await bench.outcome(intent.intentId, 'failed');
    expect(failed).toMatchObject({ code: 'policy', details: { rule: 'nonce-bound' }, nonce: '0' });
    expect(failed.block).toBeDefined();
    const [asked, ...since] = bench.signer.requests.slice(first - 1).map(({ payload }) => payload.kind);
    expect(asked).toBe('evm-intent');
    expect(new Set(since)).toEqual(new Set(['evm-cancel']));
    expect((await bench.get(`/v1/transactions/${intent.intentId}`)).body).toMatchObject({ status: 'failed' });
  });

  it('uses up a nonce that was given back and that nobody takes, so that later ones go on', async () => {
    const path = 'm/28';
    const address = await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const [refused, later] = [bench.intent({ path }), bench.intent({ path })];
    await bench.send(refused);
    await until(() => bench.signer.requests.length > before);
    await bench.send(later);
    await until(() => bench.signer.requests.length > before + 1);
    await bench.signer.refuseHeld((request) => request === bench.signer.requests[before], 'policy');
    await bench.signer.release();
    expect(await bench.outcome(refused.intentId, 'failed')).toMatchObject({ code: 'policy' });
    expect(await bench.outcome(later.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
    const { body } = await bench.get(`/v1/transactions?address=${address}`);
    const filler = (
      body['transactions'] as { requester: string; nonce: string; attempts: { kind: string }[] }[]
    ).find(({ requester }) => requester === 'submitter');
    expect(filler).toMatchObject({ nonce: '0', attempts: [{ kind: 'cancel' }] });
    expect(bench.outcomes.some(({ outcome }) => outcome.requester === 'submitter')).toBe(false);
  });

  it('takes a confirmation back when its block leaves the chain, and is over when its block is final', async () => {
    const path = 'm/25';
    await funded(path);
    const intent = bench.intent({ path });
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'confirmed');
    await bench.chain('anvil_reorg', 2, []);
    await bench.fund(bench.key.address(path));
    await until(() => bench.of(intent.intentId).some(({ code }) => code === 'reorged'));
    await until(
      () => bench.statuses(intent.intentId).filter((status) => status === 'confirmed').length === 2,
    );
    await bench.chain('anvil_mine', '0x80');
    await bench.outcome(intent.intentId, 'finalized');
    expect((await bench.get(`/v1/transactions/${intent.intentId}`)).body).toMatchObject({
      status: 'finalized',
    });
    expect(bench.statuses(intent.intentId)).toEqual([
      ...['queued', 'broadcast', 'confirmed', 'broadcast', 'confirmed', 'finalized'],
    ]);
  });

  it('pauses a lane, cancels what has no nonce at once, and resumes', async () => {
    const path = 'm/26';
    const address = await funded(path);
    await bench.send(bench.intent({ path }));
    await until(async () => {
      const { body } = await bench.get('/v1/lanes');
      return (body['lanes'] as { address: string }[]).some((lane) => lane.address === address);
    });
    expect(await bench.get(`/v1/lanes/31337/${address}/pause`, 'POST')).toMatchObject({ status: 200 });
    const [cancelled, kept] = [bench.intent({ path }), bench.intent({ path })];
    await bench.send(cancelled);
    await bench.send(kept);
    await bench.outcome(kept.intentId, 'queued');
    const url = `/v1/transactions/${cancelled.intentId}`;
    expect(await bench.get(`${url}/cancel`, 'POST')).toMatchObject({
      status: 202,
      body: { status: 'cancelled' },
    });
    expect(await bench.outcome(cancelled.intentId, 'cancelled')).toMatchObject({
      reason: 'cancelled by operator',
    });
    expect(await bench.get(`${url}/speed-up`, 'POST')).toMatchObject({ status: 409 });
    expect((await bench.get(`/v1/transactions/${kept.intentId}`)).body).toMatchObject({ nonce: null });
    expect(await bench.get(`/v1/lanes/31337/${address}/resume`, 'POST')).toMatchObject({ status: 200 });
    expect(await bench.outcome(kept.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
    expect(await bench.get(`/v1/transactions/${kept.intentId}/cancel`, 'POST')).toMatchObject({
      status: 409,
    });
    expect(await bench.get('/v1/lanes/31337/0x00/pause', 'POST')).toMatchObject({ status: 404 });
  });

  it('finds nonces that nobody has, and gives them to the next intents when told to', async () => {
    const path = 'm/29';
    const address = await funded(path);
    const first = bench.intent({ path });
    await bench.send(first);
    await bench.outcome(first.intentId, 'confirmed');
    // As after a restored backup of another day.
    await bench.query(`UPDATE lane SET next_nonce = 3 WHERE address = '${address}'`);
    const url = `/v1/lanes/31337/${address}/reconcile`;
    const missing = { chainNonce: '1', nextNonce: '3', missingNonces: ['1', '2'], vacantNonces: [] };
    expect(await bench.get(url, 'POST')).toMatchObject({ status: 200, body: { ...missing, dryRun: true } });
    expect(await bench.get(`${url}?dryRun=maybe`, 'POST')).toMatchObject({ status: 400 });
    expect(await bench.get(`${url}?dryRun=false`, 'POST')).toMatchObject({
      body: { ...missing, dryRun: false },
    });
    expect(await bench.get(url, 'POST')).toMatchObject({
      body: { missingNonces: [], vacantNonces: ['1', '2'], actions: [] },
    });
    const next = bench.intent({ path });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
  });

  it('counts a payload that was executed with a signature that nobody published', async () => {
    const path = 'm/32';
    const address = await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path, confirmations: 1 });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    const { payload } = bench.signer.requests[before] ?? {};
    if (payload?.kind !== 'evm-intent') throw new Error('nothing is asked for the intent');
    const { digest } = decodeUnsignedTransaction(payload.unsigned);
    const { raw, hash } = attachSignature(payload.unsigned, bench.key.signAnew(digest, path));
    await bench.chain('eth_sendRawTransaction', raw);
    await until(async () => (await bench.chain('eth_getTransactionCount', address, 'latest')) === '0x1');
    await bench.signer.release();
    await until(async () => (await bench.get(`/v1/transactions/${intent.intentId}`)).body['hash'] !== null);
    await bench.chain('anvil_mine', '0x80');
    expect(await bench.outcome(intent.intentId, 'finalized')).toMatchObject({ nonce: '0', hash });
    expect(bench.statuses(intent.intentId)).toEqual(['queued', 'broadcast', 'confirmed', 'finalized']);
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
    const next = bench.intent({ path });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
  });

  it('says that an intent is superseded once a foreign transaction at its nonce is final', async () => {
    const path = 'm/27';
    const address = await funded(path);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await bench.chain('anvil_impersonateAccount', address);
    await bench.chain('eth_sendTransaction', { from: address, to: address, value: '0x0' });
    await until(async () => (await bench.chain('eth_getTransactionCount', address, 'latest')) === '0x1');
    await bench.signer.release();
    await until(async () => (await bench.get(`/v1/transactions/${intent.intentId}`)).body['hash'] !== null);
    expect(bench.statuses(intent.intentId)).toEqual(['queued']);
    await bench.chain('anvil_mine', '0x80');
    expect(await bench.outcome(intent.intentId, 'superseded')).toMatchObject({
      nonce: '0',
      code: 'nonce-used',
    });
    await until(() =>
      bench.events.some(
        ({ headers, value }) =>
          headers['ce_type']?.toString() === 'quorate.tx.nonce-foreign-suspected.v1' &&
          value?.includes(intent.intentId),
      ),
    );
    const next = bench.intent({ path });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x0');
  });
});
