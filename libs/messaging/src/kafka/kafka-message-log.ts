import { Fatal } from '@quorate/platform';
import { type Admin, type Kafka, PartitionAssigners } from 'kafkajs';
import { backOff, pauseFor } from '../back-off';
import {
  type LogProducer,
  type MessageLog,
  type RunningSubscription,
  type Subscription,
  type TopicMismatch,
  type TopicState,
  type TopicSpec,
} from '../message-log.port';
import { silentLogger, type StructuredLogger } from '../structured-logger';
import { HEARTBEAT_MS } from './heartbeats';
import { connectKafka, type KafkaConnectionOptions } from './kafka-connection';
import { fromKafkaError } from './kafka-errors';
import { kafkaProducer } from './kafka-producer';
import { KafkaSubscription } from './kafka-subscription';
import { assertKafkajsPatched } from './kafkajs-patch';
import { ensureTopics, type PartitionBounds, partitionBounds } from './topic-admin';
import { TopicStates } from './topic-states';

export interface KafkaMessageLogOptions extends KafkaConnectionOptions {
  logger?: StructuredLogger | undefined;
}

/** Largest record of any topic (mpc.rounds.*) with its headers. */
const FETCH_PARTITION_BYTES = 9 * 1024 * 1024;
const FETCH_BYTES = 32 * 1024 * 1024;
/** The broker answers a fetch without records after this time; a consumer that stops may have to wait for it. */
const IDLE_FETCH_MS = 1500;

/**
 * The message log on Apache Kafka. Connecting waits for the brokers, however long they take.
 * Throws Fatal when kafkajs is not patched.
 */
export function kafkaMessageLog(options: KafkaMessageLogOptions): MessageLog {
  assertKafkajsPatched();
  const logger = options.logger ?? silentLogger;
  return new KafkaMessageLog(connectKafka(options, logger), new TopicStates(options, logger), logger);
}

class KafkaMessageLog implements MessageLog {
  private readonly closing = new AbortController();
  private readonly subscriptions = new Set<RunningSubscription>();
  private readonly producers = new Set<LogProducer>();
  private readonly fatalListeners: ((error: Error) => void)[] = [];
  private admin: Promise<Admin> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topicStates: TopicStates,
    private readonly logger: StructuredLogger,
  ) {}

  async producer(): Promise<LogProducer> {
    const producer = await this.persist(() => kafkaProducer(this.kafka));
    this.producers.add(producer);
    return producer;
  }

  async subscribe(subscription: Subscription): Promise<RunningSubscription> {
    const admin = await this.connectedAdmin();
    const running = await this.persist(async () => {
      const consumer = this.kafka.consumer({
        groupId: subscription.group,
        allowAutoTopicCreation: false,
        partitionAssigners: [PartitionAssigners.roundRobin],
        sessionTimeout: 10_000,
        heartbeatInterval: HEARTBEAT_MS,
        rebalanceTimeout: 10_000,
        maxWaitTimeInMs: subscription.gather?.waitMs ?? IDLE_FETCH_MS,
        minBytes: subscription.gather?.bytes ?? 1,
        maxBytesPerPartition: FETCH_PARTITION_BYTES,
        maxBytes: FETCH_BYTES,
        readUncommitted: true,
        metadataMaxAge: 60_000,
      });
      const attempt = new KafkaSubscription(consumer, admin, subscription, this.logger, (error) =>
        this.fatal(error),
      );
      try {
        await consumer.connect();
        await attempt.run();
      } catch (error) {
        await consumer.disconnect().catch(() => undefined);
        throw error;
      }
      return attempt;
    });
    this.subscriptions.add(running);
    return running;
  }

  async highWatermarks(topic: string): Promise<Map<number, bigint>> {
    const bounds = await this.bounds(topic);
    return new Map([...bounds].map(([partition, { high }]) => [partition, high]));
  }

  async logStarts(topic: string): Promise<Map<number, bigint>> {
    const bounds = await this.bounds(topic);
    return new Map([...bounds].map(([partition, { low }]) => [partition, low]));
  }

  topicState(topic: string): Promise<TopicState> {
    return this.topicStates.of(topic);
  }

  async ensureTopics(specs: TopicSpec[]): Promise<TopicMismatch[]> {
    // A connection of its own: kafkajs knows no topic any more once one of those it was asked for is deleted.
    const admin = await this.connectAdmin();
    const mismatches = await ensureTopics(admin, specs, (action) => this.persist(action)).finally(() =>
      admin.disconnect(),
    );
    for (const mismatch of mismatches) this.logger.warn(mismatch, 'Topic has another setting than declared');
    return mismatches;
  }

  onFatal(listener: (error: Error) => void): void {
    this.fatalListeners.push(listener);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled([...this.subscriptions].map((subscription) => subscription.stop()));
    await Promise.allSettled([...this.producers].map((producer) => producer.close()));
    const admin = await this.admin?.catch(() => undefined);
    await Promise.all([admin?.disconnect(), this.topicStates.close()]);
  }

  private async bounds(topic: string): Promise<Map<number, PartitionBounds>> {
    const admin = await this.connectedAdmin();
    try {
      return await partitionBounds(admin, topic);
    } catch (error) {
      throw fromKafkaError(error, `to look at ${topic}`);
    }
  }

  private fatal(error: Error): void {
    this.logger.error({ err: error }, 'Reading from Kafka has stopped for good');
    for (const listener of this.fatalListeners) listener(error);
  }

  private connectedAdmin(): Promise<Admin> {
    this.admin ??= this.connectAdmin();
    return this.admin;
  }

  private connectAdmin(): Promise<Admin> {
    return this.persist(async () => {
      const admin = this.kafka.admin({ retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 } });
      await admin.connect();
      return admin;
    });
  }

  /** Tries until Kafka is there; throws what trying again cannot help. */
  private async persist<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 0; !this.closing.signal.aborted; attempt += 1) {
      try {
        return await action();
      } catch (error) {
        const known = fromKafkaError(error);
        if (known.kind !== 'unavailable') throw known;
        this.logger.warn({ reason: known.message }, 'Waiting for Kafka');
        await pauseFor(backOff(attempt, 2000), this.closing.signal);
      }
    }
    throw new Fatal('closed', 'The message log is closed');
  }
}
