import { randomUUID } from 'node:crypto';
import RequestQueue from 'kafkajs/src/network/requestQueue';
import { type LogProducer, type MessageLog } from '../message-log.port';
import { type ClientQuota, type QuotaEntity, quotaEntityText } from './client-quota';
import { kafkaMessageLog } from './kafka-message-log';
import { clientQuotas, ensureClientQuotas } from './quota-admin';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const admin = { brokers, clientId: 'quota-test' };
/** Ours of this test: the broker is everybody's. */
const prefix = `quota-test-${randomUUID()}`;
const isOurs = (entity: QuotaEntity) => Object.values(entity).some((name) => name?.startsWith(prefix));

async function ourQuotas(): Promise<ClientQuota[]> {
  const ours = (await clientQuotas(admin)).filter(({ entity }) => isOurs(entity));
  return ours.sort((a, b) => quotaEntityText(a.entity).localeCompare(quotaEntityText(b.entity)));
}

/** The controller has taken a change before the broker follows. */
async function untilDescribed(expected: readonly ClientQuota[]): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (JSON.stringify(await ourQuotas()) === JSON.stringify(expected)) return;
  }
  expect(await ourQuotas()).toEqual(expected);
}

describe('quotas of a real broker', () => {
  afterAll(() => ensureClientQuotas(admin, { quotas: [], isOurs }));

  it('are as declared, for client ids and for principals, and declaring them again changes nothing', async () => {
    const quotas: ClientQuota[] = [
      { entity: { 'client-id': `${prefix}-a` }, limits: { request_percentage: 50.5 } },
      { entity: { user: `${prefix}-b` }, limits: { consumer_byte_rate: 2000, producer_byte_rate: 1000 } },
    ];
    expect(await ensureClientQuotas(admin, { quotas, isOurs })).toHaveLength(2);
    await untilDescribed(quotas);
    expect(await ensureClientQuotas(admin, { quotas, isOurs })).toEqual([]);
  });

  it('change with the declaration, and go with it', async () => {
    const entity = { 'client-id': `${prefix}-a` };
    const quotas = [{ entity, limits: { producer_byte_rate: 5 } }];
    await ensureClientQuotas(admin, { quotas, isOurs });
    await untilDescribed(quotas);
    await ensureClientQuotas(admin, { quotas: [], isOurs: () => false });
    await untilDescribed(quotas);
    await ensureClientQuotas(admin, { quotas: [], isOurs });
    await untilDescribed([]);
  });

  it('says which limit the broker does not know', async () => {
    const quotas = [{ entity: { 'client-id': `${prefix}-a` }, limits: { bytes_per_fortnight: 5 } }];
    await expect(ensureClientQuotas(admin, { quotas, isOurs })).rejects.toThrow(
      new RegExp(`client-id=${prefix}-a: .*bytes_per_fortnight`),
    );
  });
});

describe('a producer above its quota', () => {
  const topic = `${prefix}-topic`;
  const greedy = `${prefix}-greedy`;
  const modest = `${prefix}-modest`;
  const logs: MessageLog[] = [];
  const throttled = jest.spyOn(RequestQueue.prototype, 'maybeThrottle');

  afterAll(async () => {
    throttled.mockRestore();
    await Promise.all(logs.map((log) => log.close()));
    await ensureClientQuotas(admin, { quotas: [], isOurs });
  });

  /** Times in ms for which the broker told a client to be silent. */
  function throttleTimes(clientId: string): number[] {
    const ofClient = (queue: unknown) => queue instanceof RequestQueue && queue.clientId === clientId;
    return throttled.mock.calls
      .filter((_, call) => ofClient(throttled.mock.contexts[call]))
      .flatMap(([ms]) => (ms !== null && ms > 0 ? [ms] : []));
  }

  async function producerOf(clientId: string): Promise<LogProducer> {
    const log = kafkaMessageLog({ brokers, clientId });
    logs.push(log);
    await log.ensureTopics([{ topic, partitions: 1 }]);
    return log.producer();
  }

  it('is told to wait, and nobody else is', async () => {
    const quotas = [{ entity: { 'client-id': greedy }, limits: { producer_byte_rate: 20_000 } }];
    await ensureClientQuotas(admin, { quotas, isOurs });
    await untilDescribed(quotas);
    const producers = [await producerOf(modest), await producerOf(greedy)];
    // Rates are means over ten seconds: 250 kB are more than 20 kB a second.
    for (let sent = 0; sent < 5 && throttleTimes(greedy).length === 0; sent += 1) {
      for (const producer of producers) {
        await producer.send([{ topic, key: null, value: Buffer.alloc(250_000), headers: {} }]);
      }
    }
    expect(throttleTimes(greedy)).not.toEqual([]);
    expect(throttleTimes(modest)).toEqual([]);
  }, 60_000);
});
