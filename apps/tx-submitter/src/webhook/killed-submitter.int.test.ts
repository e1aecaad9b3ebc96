import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestBench } from '../testing/test-bench';
import { until } from '../../../../test/integration/until';
import { Receiver } from './testing/receiver';
import { testSecret } from './testing/webhook-bench';

jest.setTimeout(180_000);

/** kill -9 around the delivery of webhooks, in a whole submitter. */
describe('the webhooks of a submitter that is killed', () => {
  let folder: string;
  let receiver: Receiver;
  let bench: TestBench;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-webhooks-'));
    receiver = await Receiver.start();
    writeFileSync(join(folder, 'secret'), testSecret);
    const file = join(folder, 'webhooks.json');
    const endpoint = {
      ...{ id: 'books', url: receiver.url(), secretFile: 'secret', requesters: ['alice'], concurrency: 1 },
      ...{ statuses: ['confirmed', 'finalized', 'failed'], pending: { everySeconds: 3_600 } },
      allow: { http: true, ports: [receiver.port], networks: ['127.0.0.1/32'] },
    };
    writeFileSync(file, JSON.stringify({ endpoints: [endpoint] }));
    bench = await TestBench.start({ WEBHOOKS_FILE: file });
  });
  afterAll(async () => {
    await bench?.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.answer = () => 200;
  });

  /** Of webhooks about these intents as confirmed: how often each came. */
  const told = (intentIds: string[]) =>
    intentIds.map((intentId) => {
      const about = receiver.received.filter(
        ({ body }) => body.startsWith('{"type":"quorate.tx.confirmed.v1"') && body.includes(`"${intentId}"`),
      );
      expect(new Set(about.map(({ headers }) => headers['webhook-id'])).size).toBeLessThanOrEqual(1);
      return about.length;
    });
  const confirm = async (count: number): Promise<string[]> => {
    const intents = Array.from({ length: count }, () => bench.intent());
    for (const intent of intents) await bench.send(intent);
    for (const { intentId } of intents) await bench.outcome(intentId, 'confirmed', 60_000);
    return intents.map(({ intentId }) => intentId);
  };

  it('say what the outcome says while nobody is killed, and show in the API', async () => {
    const [intentId = ''] = await confirm(1);
    await until(() => told([intentId])[0] === 1);
    const outcome = bench.of(intentId).find(({ status }) => status === 'confirmed');
    const record = bench.outcomes.find((seen) => seen.outcome.id === outcome?.id)?.record;
    const [webhook] = receiver.received;
    expect(webhook?.headers['webhook-id']).toBe(outcome?.id);
    expect(webhook?.body).toContain(`"data":${record?.value?.toString()}}`);
    await until(async () => {
      const { body } = await bench.get(`/v1/webhooks/deliveries?intentId=${intentId}&state=delivered`);
      const { deliveries } = body as { deliveries: object[] };
      return deliveries.some((delivery) => 'eventId' in delivery && delivery.eventId === outcome?.id);
    });
    expect(await bench.get('/v1/webhooks/deliveries?state=lost')).toMatchObject({ status: 400 });
    expect(await bench.query('SELECT FROM webhook_pending')).toEqual([]);
  });

  it('come from its successor: the one under way again, those that waited once', async () => {
    receiver.answer = () => 'hang';
    const intentIds = await confirm(4);
    await receiver.arrived(1);
    await bench.submitter.kill();
    receiver.answer = () => 200;
    await bench.submitter.start();
    await receiver.arrived(5, '/', 60_000);
    expect(told(intentIds).sort()).toEqual([1, 1, 1, 2]);
  });

  it('come again when it dies before it has noted the answer', async () => {
    receiver.answer = () => (response) =>
      void bench.submitter.kill().then(() => response.writeHead(200).end());
    const intent = bench.intent();
    const { intentId } = intent;
    await bench.send(intent);
    await until(() => told([intentId])[0] === 1);
    await bench.submitter.kill();
    receiver.answer = () => 200;
    await bench.submitter.start();
    await bench.outcome(intentId, 'confirmed', 60_000);
    await until(() => told([intentId])[0] === 2, 60_000);
    await until(async () => {
      const states = await bench.query('SELECT DISTINCT state FROM webhook_delivery');
      return states.length === 1 && states[0]?.['state'] === 'delivered';
    });
  });
});
