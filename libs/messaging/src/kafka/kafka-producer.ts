import { Unavailable } from '@quorate/platform';
import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';
import { type LogProducer, type OutgoingRecord } from '../message-log.port';
import { fromKafkaError } from './kafka-errors';
import { SendQueue } from './send-queue';

/**
 * Connects a producer. Never idempotent: kafkajs reuses sequence numbers after a lost response, and the broker
 * then drops a new record as a duplicate; so a lost response costs a duplicate, which readers remove.
 */
export async function kafkaProducer(kafka: Kafka): Promise<LogProducer> {
  const producer = kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
  });
  await producer.connect().catch((error: unknown) => {
    throw fromKafkaError(error);
  });
  const queue = new SendQueue((records) => sendOnce(producer, records));
  let closed = false;
  return {
    send: (records) =>
      closed
        ? Promise.reject(new Unavailable('producer-closed', 'The producer is closed'))
        : queue.send(records),
    close: async () => {
      closed = true;
      await queue.idle();
      await producer.disconnect();
    },
  };
}

async function sendOnce(producer: Producer, records: OutgoingRecord[]): Promise<void> {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers, partition } of records) {
    const entry = byTopic.get(topic) ?? { topic, messages: [] };
    byTopic.set(topic, entry);
    entry.messages.push({ key, value, headers, ...(partition === undefined ? {} : { partition }) });
  }
  try {
    await producer.sendBatch({ acks: -1, timeout: 10_000, topicMessages: [...byTopic.values()] });
  } catch (error) {
    throw fromKafkaError(error, `to write to ${[...byTopic.keys()].join(', ')}`);
  }
}
