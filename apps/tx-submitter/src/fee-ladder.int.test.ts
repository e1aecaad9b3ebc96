import { lieOk } from '../../../test/rpc-proxy/send-faults';
import { type StubAnswer } from './testing/stub-signer';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(120_000);

const gwei = 10n ** 9n;

interface Attempt {
  n: number;
  kind: string;
  hash: string | null;
  maxFeePerGas: string;
  status: string;
}

/** Dearer transactions that are signed in advance. */
describe('a submitter with a fee ladder', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start({ FEE_LADDER: '1,1.25,1.6,2.5' });
  });
  afterAll(() => bench?.stop());
  afterEach(async () => {
    bench.proxy.heal();
    await bench.signer.release();
  });

  const attempts = async (intentId: string): Promise<Attempt[]> =>
    ((await bench.get(`/v1/transactions/${intentId}`)).body['attempts'] ?? []) as Attempt[];
  const statuses = async (intentId: string) => (await attempts(intentId)).map(({ status }) => status);

  /** Requests for signatures of the account at a path. */
  const askedFor = (path: string) =>
    new Set(bench.signer.requests.filter((one) => one.path === path).map(({ requestId }) => requestId)).size;

  /** An intent whose transactions a node says that it has, and throws away: blocks pass them by. */
  async function passedBy(path: string, change: { maxFeePerGas?: string } = {}) {
    await bench.fund(bench.key.address(path));
    bench.proxy.failSends(lieOk);
    const intent = bench.intent({ path, ...change });
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'broadcast');
    return intent;
  }

  /** An intent whose signatures are all awaited, and what gives the answer to each. */
  async function awaiting(path: string) {
    await bench.fund(bench.key.address(path));
    bench.signer.answer = () => 'hold';
    const intent = bench.intent({ path });
    await bench.send(intent);
    await until(() => askedFor(path) === 4);
    const requests = await bench.query(
      `SELECT request_id, attempt FROM sign_request JOIN intent USING (stream_id) WHERE intent_id = '${intent.intentId}'`,
    );
    const answer = (attempt: number, reply: StubAnswer) => {
      const asked = requests.find((request) => request['attempt'] === attempt)?.['request_id'];
      return bench.signer.answerHeld(({ requestId }) => requestId === asked, reply);
    };
    return { intent, answer };
  }

  it('pays more while the signers are down, over a restart', async () => {
    const intent = await passedBy('m/80');
    await until(
      async () => (await statuses(intent.intentId)).filter((status) => status === 'held').length === 3,
    );
    bench.signer.answer = () => 'hold';
    await until(async () => (await statuses(intent.intentId))[1] === 'broadcast');
    await bench.submitter.kill();
    // It goes on with its lanes before Kafka gives it its partitions, and with that is ready.
    const ready = bench.submitter.start();
    const third = `FROM attempt JOIN intent USING (stream_id) WHERE intent_id = '${intent.intentId}' AND n = 2`;
    await until(
      async () => (await bench.query(`SELECT n ${third} AND attempt.status = 'broadcast'`)).length > 0,
    );
    bench.proxy.heal();
    await ready;
    const { hash } = await bench.outcome(intent.intentId, 'confirmed');
    expect((await attempts(intent.intentId)).slice(1).map((attempt) => attempt.hash)).toContain(hash);
    expect(askedFor('m/80')).toBe(4);
    const fees = (await attempts(intent.intentId)).map(({ maxFeePerGas }) => BigInt(maxFeePerGas));
    expect(fees.map((fee) => Number((fee * 100n) / (fees[0] ?? 1n)))).toEqual([100, 125, 160, 250]);
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });

  it('sends the first when it is signed, and is not hurt when rungs are refused or never signed', async () => {
    const { intent, answer } = await awaiting('m/81');
    await answer(0, 'sign');
    await bench.outcome(intent.intentId, 'confirmed');
    await answer(1, { reject: 'policy', mayBeSigned: true });
    await until(async () => (await statuses(intent.intentId)).includes('dropped'));
    expect(await statuses(intent.intentId)).toEqual(['confirmed', 'dropped', 'signing', 'signing']);
    expect(bench.statuses(intent.intentId)).toEqual(['queued', 'broadcast', 'confirmed']);
  });

  it('goes on with a rung when the signers refuse the first', async () => {
    const { intent, answer } = await awaiting('m/82');
    await answer(0, { reject: 'policy' });
    await until(async () => (await statuses(intent.intentId)).includes('dropped'));
    await answer(1, 'sign');
    const { hash } = await bench.outcome(intent.intentId, 'confirmed');
    const [first, second] = await attempts(intent.intentId);
    expect(first).toMatchObject({ status: 'dropped', hash: null });
    expect(second).toMatchObject({ status: 'confirmed', hash });
  });

  it('counts a rung that somebody else sent', async () => {
    const path = 'm/83';
    const intent = await passedBy(path);
    const row = `FROM attempt JOIN intent USING (stream_id) WHERE intent_id = '${intent.intentId}' AND n = 3`;
    await until(async () => (await bench.query(`SELECT raw ${row} AND raw IS NOT NULL`)).length > 0);
    const [leaked] = await bench.query(`SELECT attempt.raw, attempt.hash ${row}`);
    await bench.chain('eth_sendRawTransaction', leaked?.['raw']);
    expect(await bench.outcome(intent.intentId, 'confirmed')).toMatchObject({ hash: leaked?.['hash'] });
    bench.proxy.heal();
    const next = bench.intent({ path });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });

  it('is cancelled above what was sent, not above its rungs', async () => {
    const intent = await passedBy('m/84');
    await until(async () => (await statuses(intent.intentId)).includes('held'));
    await bench.amend(intent, { cancel: true });
    await until(async () => (await attempts(intent.intentId)).some(({ kind }) => kind === 'cancel'));
    bench.proxy.heal();
    await bench.outcome(intent.intentId, 'cancelled');
    const made = await attempts(intent.intentId);
    const [cancel, top] = [made.at(-1), made.at(-2)];
    expect(cancel?.kind).toBe('cancel');
    expect(BigInt(cancel?.maxFeePerGas ?? 0)).toBeLessThan(BigInt(top?.maxFeePerGas ?? 0));
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x0');
  });

  it('has no rung above the ceilings, and asks for one more when they are raised', async () => {
    const intent = await passedBy('m/85', { maxFeePerGas: String(3n * gwei) });
    await bench.outcome(intent.intentId, 'parked');
    expect(askedFor('m/85')).toBe((await attempts(intent.intentId)).length);
    const highest = (await attempts(intent.intentId)).map(({ maxFeePerGas }) => BigInt(maxFeePerGas));
    expect(highest.every((fee) => fee <= 3n * gwei)).toBe(true);
    const before = askedFor('m/85');
    await bench.amend(intent, { maxFeePerGas: String(100n * gwei) });
    await until(() => askedFor('m/85') > before);
    bench.proxy.heal();
    await bench.outcome(intent.intentId, 'confirmed');
  });

  it('takes the next rung for a speed-up', async () => {
    const intent = await passedBy('m/86');
    await until(
      async () => (await statuses(intent.intentId)).filter((status) => status === 'held').length === 3,
    );
    bench.signer.answer = () => 'hold';
    const url = `/v1/transactions/${intent.intentId}/speed-up`;
    expect(await bench.get(url, 'POST')).toMatchObject({ status: 202 });
    await until(async () => (await statuses(intent.intentId))[1] === 'broadcast');
    bench.proxy.heal();
    await bench.outcome(intent.intentId, 'confirmed');
    expect(askedFor('m/86')).toBe(4);
  });
});
