import { generateKeyPairSync } from 'node:crypto';

import { createEventStore, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type UnsignedTransaction } from '@quorate/evm';
import { createLogger } from '@quorate/platform';
import { recordSigner, topicNames } from '@quorate/protocol';

import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { SignedRecords } from '../adapters/kafka/signed-records';
import { SUBMITTER_MIGRATIONS } from '../adapters/postgres/submitter-migrations';
import { type IntentCommand } from '../intent/commands';
import { IntentSession } from '../intent/intent-session';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { TestBench } from '../testing/test-bench';
import { until } from '../../../../test/integration/until';
import { isChainPaused, setChainPause } from './chain-pause';
import { LaneBudget, type OverBudget } from './lane-budget';
import { type LaneId } from './lane';

jest.setTimeout(120_000);

const hash = (n: number) => `0x${String(n).padStart(64, '0')}`;
const anyText: unknown = expect.any(String);

describe('the budget of a lane', () => {
  const lane = { chainId: '31337', address: `0x${'aa'.repeat(20)}` };
  const budget = new LaneBudget(1_000n);
  const { privateKey } = generateKeyPairSync('ed25519');
  const records = new SignedRecords(recordSigner('submitter', privateKey), topicNames(''));
  const outcomes: OutcomeRecords = {
    encodeOutcome: () => ({ topic: 'outcomes', key: null, value: Buffer.from('{}'), headers: {} }),
    signOutcomeAgain: (record) => record,
    announce: () => undefined,
    decided: (tx, decision) => budget.decided(tx, decision),
  };
  let database: TestDatabase;
  let store: EventStore;
  let intents = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      url: database.url,
      migrations: SUBMITTER_MIGRATIONS,
      encodeEvent: (event) => records.encodeEvent(event),
      logger: createLogger('test', 'silent'),
    });
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  afterEach(() => store.transaction((tx) => tx.query('DELETE FROM lane_fee')));

  const identity = (intentId: string) => ({ requester: 'alice', intentId });
  async function execute(intentId: string, ...commands: IntentCommand[]): Promise<void> {
    await store.transaction(async (tx) => {
      const session = await IntentSession.load(tx, outcomes, [identity(intentId)]);
      for (const command of commands) await session.execute(identity(intentId), command, 'test');
    });
  }
  const create = (tx: StoreTransaction, { chainId, address }: LaneId) =>
    tx.query('INSERT INTO lane (chain_id, address, next_nonce) VALUES ($1, $2, 0)', [chainId, address]);
  const fees = (wei: number) => ({ gasLimit: '1', maxFeePerGas: String(wei), maxPriorityFeePerGas: '1' });
  const costing = (wei: number) => ({ gasLimit: 1n, maxFeePerGas: BigInt(wei) }) as UnsignedTransaction;

  /** An intent of the lane whose transaction is on its way and may cost this. */
  async function onItsWay(wei: number): Promise<string> {
    intents += 1;
    const intentId = `i-${intents}`;
    const terms = { keyId: 'k', chainId: lane.chainId, confirmations: 3, expiresAt: '2100-01-01T00:00:00Z' };
    const value = Buffer.from('{}').toString('base64');
    await execute(
      intentId,
      {
        ...{ kind: 'receive', intentHash: hash(intents), value, jws: '', approvals: [], terms },
        ...{ now: 0, servedChainId: lane.chainId },
      },
      { kind: 'authorize', key: { found: true, from: lane.address } },
      { kind: 'reserve', nonce: String(intents), ...fees(wei), digest: hash(1), requestId: intentId },
      { kind: 'accept-signature', attempt: 0, requestId: intentId, hash: hash(1_000 + intents) },
    );
    return intentId;
  }
  const replaceBy = (intentId: string, wei: number): Promise<void> =>
    execute(intentId, {
      ...{ kind: 'replace', attempt: 1, attemptKind: 'payload', reason: 'stale', digest: hash(2) },
      ...{ ...fees(wei), maxPriorityFeePerGas: '2', requestId: `${intentId}-1` },
    });
  const block = { number: '7', hash: hash(7) };
  const mined = (gasUsed: string, effectiveGasPrice: string): IntentCommand => ({
    ...{ kind: 'note-inclusion', hash: hash(1_000 + intents), block, status: 'success' },
    ...{ gasUsed, effectiveGasPrice },
  });
  const ask = (...costs: number[]): Promise<(OverBudget | undefined)[]> =>
    store.transaction(async (tx) => {
      const allowance = await budget.open(tx, lane);
      const answers: (OverBudget | undefined)[] = [];
      for (const cost of costs) answers.push(await allowance?.take(costing(cost)));
      return answers;
    });
  const fits = async (cost: number) => (await ask(cost))[0] === undefined;

  it('counts what is on its way with the most that it may cost, and what is taken in the same turn', async () => {
    await onItsWay(600);
    expect(await ask(300, 100, 1)).toEqual([
      undefined,
      undefined,
      expect.objectContaining({ code: 'budget' }),
    ]);
    expect(await fits(400)).toBe(true);
    expect(await fits(401)).toBe(false);
  });

  it('counts of a dearer transaction only what it may cost more', async () => {
    const intentId = await onItsWay(600);
    await store.transaction(async (tx) => {
      const allowance = await budget.open(tx, lane, `tx:alice:${intentId}`);
      expect(await allowance?.take(costing(1_001))).toMatchObject({ code: 'budget' });
      expect(await allowance?.take(costing(1_000))).toBeUndefined();
    });
    await replaceBy(intentId, 900);
    expect(await fits(100)).toBe(true);
    expect(await fits(101)).toBe(false);
  });

  it('counts what a block took with what it did cost, for an hour, and says when there is room again', async () => {
    const intentId = await onItsWay(900);
    await execute(intentId, mined('2', '100'));
    expect(await fits(800)).toBe(true);
    const [over] = await ask(801);
    const left = await store.transaction((tx) =>
      tx.query<{ at: Date }>('SELECT counts_until AS at FROM lane_fee WHERE counts_until > now()'),
    );
    expect(over?.reason).toContain(`it goes on at ${left[0]?.at.toISOString()} at the latest`);
    expect(left[0]?.at.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    await store.transaction((tx) => tx.query('UPDATE lane_fee SET counts_until = now()'));
    expect(await fits(1_000)).toBe(true);
    expect(await store.transaction((tx) => tx.query('SELECT FROM lane_fee'))).toEqual([]);
  });

  it('counts the most again when the block leaves the chain', async () => {
    const intentId = await onItsWay(900);
    await execute(intentId, mined('2', '100'), { kind: 'note-reorg', blockHash: block.hash });
    expect(await fits(101)).toBe(false);
  });

  it('counts nothing for what was never signed, nor for what a foreign transaction took the place of', async () => {
    await execute(await onItsWay(600), { kind: 'note-superseded', reason: 'foreign' });
    intents += 1;
    const refused = await onItsWay(400);
    await replaceBy(refused, 700);
    expect(await fits(301)).toBe(false);
    const refusal = { code: 'policy', reason: 'no', mayBeSigned: false, now: Date.now() };
    await execute(refused, { kind: 'refuse-signature', requestId: `${refused}-1`, ...refusal });
    await execute(refused, { kind: 'note-superseded', reason: 'foreign' });
    expect(await fits(1_000)).toBe(true);
  });

  it('says what has to change when a transaction alone may cost more', async () => {
    expect(await ask(1_001)).toEqual([
      {
        code: 'budget',
        reason: expect.stringContaining('LANE_BUDGET_PER_HOUR is raised') as unknown,
        waitMs: 15_000,
      },
    ]);
  });

  it('is not exceeded by two turns at once', async () => {
    await store.transaction((tx) => create(tx, lane));
    const turn = async (tx: StoreTransaction, intentId: string): Promise<boolean> => {
      const allowance = await budget.open(tx, lane);
      if ((await allowance?.take(costing(600))) !== undefined) return false;
      tx.write(
        `INSERT INTO lane_fee (stream_id, chain_id, address, ceiling)
         SELECT stream_id, $2, $3, 600 FROM intent WHERE intent_id = $1`,
        [intentId, lane.chainId, lane.address],
      );
      return true;
    };
    const went = await Promise.all(['i-1', 'i-2'].map((id) => store.transaction((tx) => turn(tx, id))));
    expect(went.filter(Boolean)).toHaveLength(1);
  });

  it('is no limit and counts nothing when there is none', async () => {
    const none = new LaneBudget(undefined);
    expect(await store.transaction((tx) => none.open(tx, lane))).toBeUndefined();
  });

  it('the pause of all lanes waits for nonces that are being given away', async () => {
    const fresh = { ...lane, address: `0x${'bb'.repeat(20)}` };
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let [isGiving, isPaused] = [false, false];
    const giving = store.transaction(async (tx) => {
      await create(tx, fresh);
      expect(await isChainPaused(tx, lane.chainId)).toBe(false);
      isGiving = true;
      await held;
      expect(isPaused).toBe(false);
    });
    await until(() => isGiving);
    const pause = store
      .transaction((tx) => setChainPause(tx, lane.chainId, true, 'operator'))
      .then(() => (isPaused = true));
    await until(async () => {
      const waiting = await store.transaction((tx) =>
        tx.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'lane'::regclass`),
      );
      return waiting.length > 0;
    });
    commit();
    await Promise.all([giving, pause]);
    expect(await store.transaction((tx) => isChainPaused(tx, lane.chainId))).toBe(true);
  });
});

/** A budget of 0.01 ether: little for much gas at any price, much for a transfer. */
describe('a submitter with a budget for each lane', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start({ LANE_BUDGET_PER_HOUR: '10000000000000000' });
  });
  afterAll(() => bench?.stop());

  it('parks what does not fit, lets others pass, and remembers over a restart', async () => {
    const path = 'm/40';
    await bench.fund(bench.key.address(path));
    const dear = bench.intent({ path, gasLimit: '20000000', maxCost: '100000000000000000000' });
    await bench.send(dear);
    expect(await bench.outcome(dear.intentId, 'parked')).toMatchObject({ code: 'budget', reason: anyText });
    const small = bench.intent({ path });
    await bench.send(small);
    expect(await bench.outcome(small.intentId, 'confirmed')).toMatchObject({ nonce: '0' });
    expect((await bench.get(`/v1/transactions/${dear.intentId}`)).body).toMatchObject({ nonce: null });
    await bench.submitter.stop();
    await bench.submitter.start();
    const [spent] = await bench.query('SELECT paid FROM lane_fee');
    expect(Number(spent?.['paid'])).toBeGreaterThan(0);
  });

  it('makes no dearer transaction beyond it: the first is sent again, and nothing is cancelled', async () => {
    const path = 'm/41';
    await bench.fund(bench.key.address(path));
    const raise = (wei: bigint) => bench.chain('anvil_setNextBlockBaseFeePerGas', `0x${wei.toString(16)}`);
    // Other tests leave their fees on the chain.
    await raise(1_000_000_000n);
    await until(async () => {
      const block = await bench.chain('eth_getBlockByNumber', 'latest', false);
      return BigInt((block as { baseFeePerGas: string }).baseFeePerGas) <= 1_000_000_000n;
    });
    bench.signer.answer = () => 'hold';
    const before = bench.signer.requests.length;
    const intent = bench.intent({ path, gasLimit: '500000' });
    await bench.send(intent);
    await until(() => bench.signer.requests.length > before);
    await raise(400_000_000_000n);
    await bench.signer.release();
    expect(await bench.outcome(intent.intentId, 'parked')).toMatchObject({ code: 'budget', nonce: '0' });
    const { body: parked } = await bench.get(`/v1/transactions/${intent.intentId}`);
    expect(parked).toMatchObject({ parked: { code: 'budget' } });
    const attempts = parked['attempts'] as { maxFeePerGas: string }[];
    for (const { maxFeePerGas } of attempts)
      expect(BigInt(maxFeePerGas) * 500_000n).toBeLessThanOrEqual(10_000_000_000_000_000n);
    // Once fees have fallen, the first one goes through, or a dearer one that fits.
    await raise(1_000_000_000n);
    await bench.outcome(intent.intentId, 'confirmed');
    const kinds = bench.signer.requests.slice(before).map(({ payload }) => payload.kind);
    expect(new Set(kinds)).toEqual(new Set(['evm-intent']));
  });

  it('pauses all lanes at once, also those of accounts that are new, and resumes them', async () => {
    expect(await bench.get('/v1/lanes/pause', 'POST')).toMatchObject({
      status: 200,
      body: { status: 'paused' },
    });
    await bench.submitter.kill();
    await bench.submitter.start();
    const [known, fresh] = [bench.intent({ path: 'm/41' }), bench.intent({ path: 'm/42' })];
    await bench.fund(bench.key.address('m/42'));
    for (const intent of [known, fresh]) {
      await bench.send(intent);
      await bench.outcome(intent.intentId, 'queued');
    }
    expect((await bench.get('/v1/lanes')).body).toMatchObject({
      allPaused: { since: anyText, by: 'operator' },
    });
    for (const { intentId } of [known, fresh])
      expect((await bench.get(`/v1/transactions/${intentId}`)).body).toMatchObject({ status: 'queued' });
    await bench.get('/v1/lanes/resume', 'POST');
    for (const { intentId } of [known, fresh]) await bench.outcome(intentId, 'confirmed');
    expect((await bench.get('/v1/lanes')).body).toMatchObject({ allPaused: null });
    await until(() => {
      const types = bench.events.map(({ headers }) => headers['ce_type']?.toString());
      return ['paused', 'resumed'].every((what) => types.includes(`quorate.tx.lanes-${what}.v1`));
    });
  });
});
