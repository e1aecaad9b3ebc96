import { type TxIntentInput } from '@quorate/protocol';

import { type SubmitterProcess } from './testing/submitter-process';
import { TestBench } from './testing/test-bench';
import { until } from '../../../test/integration/until';

jest.setTimeout(240_000);

const lanes = 8;
const waitsForLane = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR KEY SHARE OF lane%'`;

/** Two submitters with one name and one database, which share the lanes, and of which one dies or is paused. */
describe('several submitters', () => {
  let bench: TestBench;
  let first: SubmitterProcess;
  let second: SubmitterProcess;
  /** Under which the first submitter holds lanes. */
  let name: string;
  let sent: TxIntentInput[] = [];
  const paths = Array.from({ length: lanes }, (_, i) => `m/${i + 1}`);

  beforeAll(async () => {
    bench = await TestBench.start();
    first = bench.submitter;
    for (const path of paths) await bench.fund(bench.key.address(path));
  });
  afterAll(() => bench?.stop());
  beforeEach(() => {
    bench.signer.answer = () => 'sign';
    sent = [];
  });

  /** Sends intents on each of the lanes. */
  const send = async (perLane: number): Promise<void> => {
    for (let n = 0; n < perLane; n += 1)
      for (const path of paths) {
        const intent = bench.intent({ path });
        sent.push(intent);
        await bench.send(intent);
      }
  };
  /** How many lanes each submitter that lives holds. */
  const held = async (): Promise<Record<string, number>> => {
    const rows = await bench.query(
      `SELECT name, count(lane.address)::int AS lanes FROM replica LEFT JOIN lane ON lane.holder = name
       WHERE alive_until > now() GROUP BY name`,
    );
    return Object.fromEntries(rows.map(({ name, lanes }) => [String(name), Number(lanes)]));
  };
  const areShared = async () => {
    const [one = 0, other = 0, ...more] = Object.values(await held());
    return more.length === 0 && Math.min(one, other) >= 3 && one + other === lanes;
  };
  const names = async () => Object.keys(await held());
  /** Every intent paid once, and no nonce of a lane missing or used for anything else. */
  const expectOnePaymentEach = async (): Promise<void> => {
    for (const { intentId } of sent) await bench.outcome(intentId, 'confirmed', 120_000);
    for (const { intentId, to } of sent) {
      expect(await bench.chain('eth_getBalance', to, 'latest')).toBe('0x1');
      expect(bench.statuses(intentId).filter((status) => status === 'confirmed')).toHaveLength(1);
    }
    const gaps = await bench.query(
      `SELECT address FROM intent WHERE nonce IS NOT NULL GROUP BY address
       HAVING count(*) <> count(DISTINCT nonce) OR count(*) <> max(nonce) + 1`,
    );
    expect(gaps).toEqual([]);
    for (const path of paths) {
      const address = bench.key.address(path);
      const [row] = await bench.query(
        `SELECT count(*)::int AS paid FROM intent WHERE address = '${address}' AND nonce IS NOT NULL`,
      );
      expect(Number(await bench.chain('eth_getTransactionCount', address, 'latest'))).toBe(row?.['paid']);
    }
  };

  it('share the lanes of one that had them all, and do everything once', async () => {
    await send(1);
    await expectOnePaymentEach();
    [name = ''] = await names();
    expect(await held()).toEqual({ [name]: lanes });
    second = await bench.another();
    await until(areShared);
    await send(4);
    await expectOnePaymentEach();
    const { body } = await bench.get('/v1/lanes');
    const shown = body['lanes'] as { holder: string; epoch: string }[];
    expect(new Set(shown.map(({ holder }) => holder))).toEqual(new Set(await names()));
    expect(shown.map(({ epoch }) => epoch)).toContain('2');
    const taken = bench.events.filter(({ value }) => value?.includes('quorate.tx.lane-lease-taken.v1'));
    expect(taken.length).toBeGreaterThan(lanes);
  });

  it('take orders about each lane, whoever holds it', async () => {
    for (const [i, path] of paths.entries()) {
      const { url } = i % 2 === 0 ? first : second;
      const lane = `${url}/v1/lanes/31337/${bench.key.address(path)}`;
      expect((await fetch(`${lane}/pause`, { method: 'POST' })).status).toBe(200);
    }
    await send(1);
    for (const { intentId } of sent) await bench.outcome(intentId, 'queued');
    expect(await bench.query(`SELECT FROM intent WHERE nonce IS NULL`)).toHaveLength(lanes);
    for (const [i, path] of paths.entries()) {
      const { url } = i % 2 === 0 ? second : first;
      const lane = `${url}/v1/lanes/31337/${bench.key.address(path)}`;
      expect((await fetch(`${lane}/resume`, { method: 'POST' })).status).toBe(200);
    }
    await expectOnePaymentEach();
  });

  it('go on with the lanes of one that is killed, and share them with its successor', async () => {
    bench.signer.answer = () => 'hold';
    await send(3);
    await until(async () => (await bench.query('SELECT FROM sign_request')).length > 0);
    await second.kill();
    await bench.signer.release();
    await send(1);
    await expectOnePaymentEach();
    expect(await held()).toEqual({ [name]: lanes });
    await second.start();
    await until(areShared);
  });

  it('go on with the lanes of one that stops', async () => {
    await send(2);
    await second.stop();
    await expectOnePaymentEach();
    expect(await held()).toEqual({ [name]: lanes });
    await second.start();
    await until(areShared);
  });

  it('go on with the lanes of one that is paused, which works again when it wakes up', async () => {
    const before = await names();
    await send(3);
    await until(() => sent.some(({ intentId }) => bench.statuses(intentId).includes('broadcast')));
    second.freeze();
    try {
      await send(2);
      await until(async () => (await held())[name] === lanes, 60_000);
      await expectOnePaymentEach();
    } finally {
      second.thaw();
    }
    await until(areShared);
    expect(new Set([...before, ...(await names())]).size).toBe(3);
    await send(2);
    await expectOnePaymentEach();
  });

  it('undo what a paused one had begun and not committed', async () => {
    await until(areShared);
    const [victim] = await bench.query(`SELECT holder, address FROM lane WHERE holder <> '${name}' LIMIT 1`);
    const release = await bench.hold('SELECT FROM lane WHERE address = $1 FOR UPDATE', [victim?.['address']]);
    const path = paths.find((one) => bench.key.address(one) === victim?.['address']);
    const intent = bench.intent({ path });
    sent.push(intent);
    await bench.send(intent);
    // Its holder is about to reserve a nonce, and finds the lane locked.
    await until(async () => (await bench.query(waitsForLane)).length > 0);
    second.freeze();
    try {
      await release();
      await expectOnePaymentEach();
      expect(await names()).toEqual([name]);
    } finally {
      second.thaw();
    }
    await until(areShared);
    await send(2);
    await expectOnePaymentEach();
  });
});
