import { Metrics, Unavailable } from '@quorate/platform';
import { memoryMessageLog } from '../memory/memory-message-log';
import { type Batch } from '../message-log.port';
import { meteredLog } from './metered-log';

const TOPIC = 'acme-mpc.requests';

const record = (text: string) => ({ topic: TOPIC, key: 'k', value: Buffer.from(text), headers: {} });

it('says how far a reader is behind, also while it cannot handle what it has read', async () => {
  const metrics = new Metrics('coordinator-1');
  const log = meteredLog(memoryMessageLog(), metrics, 'acme-');
  await log.ensureTopics([{ topic: TOPIC, partitions: 1 }]);
  const producer = await log.producer();
  await producer.send([record('a'), record('b'), record('c')]);
  const value = async (name: string) =>
    (await metrics.registry.metrics())
      .split('\n')
      .find((line) => line.startsWith(`quorate_${name}{topic="mpc.requests"`))
      ?.split(' ')
      .at(-1);

  const seen: (string | undefined)[] = [];
  let tries = 0;
  const handle = async (batches: readonly Batch[]): Promise<void> => {
    seen.push(await value('consumer_lag_records'));
    tries += 1;
    if (tries === 1) throw new Unavailable('database', 'Postgres is away');
    expect(batches).toHaveLength(1);
  };
  const subscription = await log.subscribe({ topic: TOPIC, group: 'g', start: 'earliest', handle });
  await subscription.caughtUp();
  expect(seen).toEqual(['3', '3']);
  expect(await value('consumer_lag_records')).toBe('0');
  expect(await value('consumer_retries_total')).toBe('1');
  await subscription.stop();
  await log.close();
});
