import { callOf } from '@quorate/evm';
import { acceptThenHang, dropReset } from '../../../test/rpc-proxy/send-faults';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';
import { type TransactionView } from './transactions/transaction-view';

jest.setTimeout(180_000);

/** kill -9 at the moments where an intent could be lost or paid twice. */
describe('a submitter that is killed', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());

  const expectOnePayment = async (intentId: string, to: string) => {
    const confirmed = await bench.outcome(intentId, 'confirmed', 60_000);
    expect(await bench.chain('eth_getBalance', to, 'latest')).toBe('0x1');
    expect(bench.statuses(intentId)).toEqual(['queued', 'broadcast', 'confirmed']);
    const attempts = await bench.query(
      `SELECT attempt.hash FROM attempt JOIN intent USING (stream_id) WHERE intent_id = '${intentId}'`,
    );
    expect(attempts).toEqual([{ hash: confirmed.hash }]);
  };

  it('after the nonce was reserved, goes on with that nonce', async () => {
    bench.signer.answer = () => 'hold';
    const intent = bench.intent();
    await bench.send(intent);
    await until(async () => (await bench.query('SELECT FROM sign_request')).length === 1);
    await bench.submitter.kill();
    await bench.submitter.start();
    await until(() => bench.signer.requests.length > 0);
    await bench.signer.release();
    await expectOnePayment(intent.intentId, intent.to);
    expect(new Set(bench.signer.requests.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it('while the signature is on its way, takes it after its restart', async () => {
    bench.signer.answer = () => 'hold';
    const intent = bench.intent();
    const before = bench.signer.requests.length;
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await bench.submitter.kill();
    await bench.signer.release();
    await bench.submitter.start();
    await expectOnePayment(intent.intentId, intent.to);
  });

  it('while answers to others wait in memory, reads them again and misses none of its own', async () => {
    await until(async () => (await bench.unreadAnswers()) === 0);
    for (let n = 0; n < 20; n += 1) await bench.signer.answerOther('alice');
    expect(await bench.unreadAnswers()).toBeGreaterThan(0);
    await bench.submitter.kill();
    const intent = bench.intent();
    await bench.send(intent);
    await bench.signer.answerOther('bob');
    await bench.submitter.start();
    await expectOnePayment(intent.intentId, intent.to);
    await until(async () => (await bench.unreadAnswers()) === 0);
  });

  it('after the signature was committed and before anything was sent, sends the same bytes', async () => {
    bench.proxy.failSends(dropReset);
    const intent = bench.intent();
    const before = bench.proxy.sent.length;
    await bench.send(intent);
    await until(() => bench.proxy.sent.length > before);
    await bench.submitter.kill();
    bench.proxy.heal();
    await bench.submitter.start();
    await expectOnePayment(intent.intentId, intent.to);
    expect(new Set(bench.proxy.sent.slice(before)).size).toBe(1);
  });

  it('after the chain took it and before the answer came, finds it', async () => {
    bench.proxy.failSends(acceptThenHang);
    const intent = bench.intent();
    const before = bench.proxy.sent.length;
    await bench.send(intent);
    await until(() => bench.proxy.sent.length > before);
    await bench.submitter.kill();
    bench.proxy.heal();
    await bench.submitter.start();
    await expectOnePayment(intent.intentId, intent.to);
    expect(new Set(bench.proxy.sent.slice(before)).size).toBe(1);
  });

  /** An intent whose transaction pools call too cheap: its base fee has outrun it. */
  const outrun = async () => {
    const paid = bench.intent();
    await bench.send(paid);
    await bench.outcome(paid.intentId, 'confirmed', 60_000);
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent();
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await bench.chain('anvil_setNextBlockBaseFeePerGas', `0x${(400n * 10n ** 9n).toString(16)}`);
    const outrunning = Number(await bench.chain('eth_blockNumber')) + 1;
    await until(async () => (await headSeen(paid.intentId)) >= outrunning);
    return { intent, before };
  };
  /** The newest block that the submitter has seen, by the confirmations of a transaction. */
  const headSeen = async (intentId: string) => {
    const { body } = await bench.get(`/v1/transactions/${intentId}`);
    const { block, confirmations } = body as Pick<TransactionView, 'block' | 'confirmations'>;
    return Number(block?.number) + confirmations - 1;
  };
  const paidOnce = async (intentId: string, to: string) => {
    await bench.outcome(intentId, 'confirmed', 60_000);
    expect(await bench.chain('eth_getBalance', to, 'latest')).toBe('0x1');
    expect(bench.statuses(intentId).filter((status) => status === 'confirmed')).toHaveLength(1);
  };

  it('after a dearer transaction was asked for, goes on with that one', async () => {
    const { intent, before } = await outrun();
    await bench.signer.release();
    bench.signer.answer = () => 'hold';
    await until(() => bench.signer.requests.length > before + 1);
    await bench.submitter.kill();
    await bench.submitter.start();
    await bench.signer.release();
    await paidOnce(intent.intentId, intent.to);
  });

  it('after the cancelling transaction was signed and before it was sent, sends that and no payment', async () => {
    const { intent } = await outrun();
    await bench.amend(intent, { cancel: true });
    await until(async () => (await bench.query('SELECT FROM intent WHERE is_ending')).length > 0);
    bench.proxy.failSends(dropReset);
    const sent = bench.proxy.sent.length;
    await bench.signer.release();
    await until(() => bench.proxy.sent.length > sent);
    await bench.submitter.kill();
    bench.proxy.heal();
    await bench.submitter.start();
    await bench.outcome(intent.intentId, 'cancelled', 60_000);
    const sends = [...new Set(bench.proxy.sent.slice(sent))].map((raw) => callOf(raw, ''));
    expect(sends).toMatchObject([{ to: bench.key.address().toLowerCase(), value: 0n, data: '0x' }]);
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x0');
  });

  it('at random moments under load, pays each intent once', async () => {
    const intents = Array.from({ length: 40 }, () => bench.intent());
    const sending = (async () => {
      for (const intent of intents) await bench.send(intent);
    })();
    for (let kill = 0; kill < 2; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 400 + Math.random() * 800));
      await bench.submitter.kill();
      await bench.submitter.start();
    }
    await sending;
    for (const { intentId } of intents) await bench.outcome(intentId, 'confirmed', 90_000);
    for (const { to } of intents) expect(await bench.chain('eth_getBalance', to, 'latest')).toBe('0x1');
    const nonces = intents
      .map(({ intentId }) => Number(bench.of(intentId).at(-1)?.nonce))
      .sort((a, b) => a - b);
    expect(nonces.every((nonce, i) => i === 0 || nonce === (nonces[i - 1] ?? 0) + 1)).toBe(true);
  });
});
