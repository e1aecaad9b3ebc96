import { type MessageLog } from '@quorate/messaging';
import { Unavailable } from '@quorate/platform';
import { type Databases } from './databases';
import { untilQueuesEmpty } from './queues';

const TOPIC = 'mpc.requests';

/** A service whose outbox is empty and that has read up to an offset. */
function databases(nextOffset: number): Pick<Databases, 'names' | 'query'> {
  return {
    names: ['coordinator'],
    query: <Row extends object>(_: string, text: string) => {
      const row = text.includes('FROM inbox')
        ? { consumer: 'c', topic: TOPIC, partition: 0, next_offset: String(nextOffset) }
        : { id: '0', count: 0 };
      return Promise.resolve([row as Row]);
    },
  };
}

/** A log with ten records whose broker is away for the first questions. */
function log(refusals: number): Pick<MessageLog, 'highWatermarks'> {
  let left = refusals;
  return {
    highWatermarks: () =>
      left-- > 0
        ? Promise.reject(new Unavailable('kafka', 'Connection error'))
        : Promise.resolve(new Map([[0, 10n]])),
  };
}

it('waits for a broker that is away', async () => {
  await expect(untilQueuesEmpty(databases(10), log(2), 10_000)).resolves.toBeUndefined();
});

it('tells of a broker that does not come back', async () => {
  await expect(untilQueuesEmpty(databases(10), log(Infinity), 0)).rejects.toThrow('Connection error');
});

it('names the partition that is stuck', async () => {
  await expect(untilQueuesEmpty(databases(9), log(0), 0)).rejects.toThrow(
    `partitions are stuck: coordinator c ${TOPIC}/0: 9 of 10`,
  );
});
