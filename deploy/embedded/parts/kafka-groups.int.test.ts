import { kafkaMessageLog, type MessageLog, recordsOf, silentLogger } from '@quorate/messaging';
import { Kafka, logLevel } from 'kafkajs';
import { brokerOf } from '../testing/secured-broker';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { kafkaPart } from './kafka';

const TOPIC = 'mpc.finals';
/** Where the brokers keep the positions of groups: without it no group has a coordinator. */
const POSITIONS = '__consumer_offsets';

describe('a broker that cannot coordinate groups yet', () => {
  let temporary: TemporaryStack;
  let log: MessageLog;
  let brokers: string[];
  /** Resolves when kafkajs has given up its first attempt. */
  let restarting: Promise<void>;

  beforeAll(async () => {
    temporary = await temporaryStack();
    const kafka = await brokerOf(temporary);
    // More copies than there are brokers: it makes none.
    const settings = { 'offsets.topic.replication.factor': '2' };
    await temporary.supervisor.start(kafkaPart({ ...kafka, settings }));
    brokers = [`127.0.0.1:${kafka.port}`];
    restarting = new Promise((resolve) => {
      const warn = (_: object, message: string) => message.startsWith('Restarting the consumer') && resolve();
      log = kafkaMessageLog({ brokers, clientId: 'test', logger: { ...silentLogger, warn } });
    });
    await log.ensureTopics([{ topic: TOPIC, partitions: 1 }]);
  }, 90_000);
  afterAll(async () => {
    await log.close();
    await temporary.end();
  });

  it('is waited for, longer than kafkajs tries by itself', async () => {
    const stopped = jest.fn();
    log.onFatal(stopped);
    const values: string[] = [];
    const subscription = await log.subscribe({
      ...{ topic: TOPIC, group: 'test', start: 'earliest' },
      handle: async (batches) => void values.push(...recordsOf(batches).map(({ value }) => String(value))),
    });
    const producer = await log.producer();
    await producer.send([{ topic: TOPIC, key: 'k', value: Buffer.from('from before'), headers: {} }]);
    await restarting;
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: POSITIONS, numPartitions: 4, replicationFactor: 1 }] });
    await admin.disconnect();
    await subscription.caughtUp();
    expect(values).toEqual(['from before']);
    expect(stopped).not.toHaveBeenCalled();
  }, 60_000);
});
