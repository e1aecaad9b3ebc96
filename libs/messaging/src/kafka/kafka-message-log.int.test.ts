import { randomUUID } from 'node:crypto';
import { type IHeaders, Kafka, logLevel } from 'kafkajs';
import { type LogRecord, recordsOf } from '../message-log.port';
import { messageLogContract } from '../testing/message-log.contract';
import { kafkaMessageLog } from './kafka-message-log';

jest.setTimeout(40_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

describe('kafkaMessageLog', () => {
  messageLogContract(() => kafkaMessageLog({ brokers, clientId: 'contract' }));

  it('delivers a header that a foreign client wrote as null without bytes', async () => {
    const log = kafkaMessageLog({ brokers, clientId: 'reader' });
    const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
    const topic = `null.${randomUUID()}`;
    const records: LogRecord[] = [];
    try {
      await log.ensureTopics([{ topic, partitions: 1 }]);
      await producer.connect();
      // What Kafka allows and kafkajs writes; its types do not have it.
      const headers = Object.fromEntries<unknown>([
        ['jws', null],
        ['kind', 'test'],
      ]) as IHeaders;
      await producer.send({ topic, messages: [{ key: null, value: 'one', headers }] });
      const running = await log.subscribe({
        ...{ topic, group: randomUUID(), start: 'earliest' },
        handle: (batches) => Promise.resolve(void records.push(...recordsOf(batches))),
      });
      await running.caughtUp();
      await running.stop();
    } finally {
      await producer.disconnect();
      await log.close();
    }
    expect(records.map((record) => record.headers)).toEqual([
      { jws: Buffer.alloc(0), kind: Buffer.from('test') },
    ]);
  });
});
