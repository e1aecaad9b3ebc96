import { Unavailable } from '@quorate/platform';
import { KafkaJSProtocolError } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster';
import { type TopicState } from '../message-log.port';
import { type StructuredLogger } from '../structured-logger';
import { askOf } from './broker-request';
import { connectCluster, type KafkaConnectionOptions } from './kafka-connection';
import { fromKafkaError } from './kafka-errors';
import { describeTopic } from './topic-state-request';

/** Asks what topics are, on connections of its own that stay open: it is asked after every fetch. */
export class TopicStates {
  private connected: Promise<Cluster> | undefined;

  constructor(
    private readonly options: KafkaConnectionOptions,
    private readonly logger: StructuredLogger,
  ) {}

  /**
   * A topic, as those brokers say that lead its partitions: what they say is no older than what was fetched of them.
   *
   * @throws Unavailable `no-topic` when there is none, perhaps not yet; Fatal `kafka-version` where topics have no ids
   */
  async of(topic: string): Promise<TopicState> {
    try {
      const cluster = await this.cluster();
      await cluster.addTargetTopic(topic);
      const ids = new Set<string>();
      const leaderEpochs = new Map<number, number>();
      for (const nodeId of new Set(cluster.findTopicPartitionMetadata(topic).map(({ leader }) => leader))) {
        const broker = await cluster.findBroker({ nodeId: String(nodeId) });
        const { id, partitions } = await askOf(broker, describeTopic(topic));
        ids.add(id);
        for (const { partition, leader, epoch } of partitions)
          if (leader === nodeId) leaderEpochs.set(partition, epoch);
      }
      const [id] = ids;
      if (id === undefined || ids.size > 1)
        throw new Unavailable('topic', `The brokers do not agree yet on which topic ${topic} is`);
      return { id, leaderEpochs };
    } catch (error) {
      // With leaders that may have changed.
      await this.close();
      throw isUnknownTopic(error) ? noTopic(topic) : fromKafkaError(error, `to look at ${topic}`);
    }
  }

  async close(): Promise<void> {
    const connected = this.connected;
    this.connected = undefined;
    await connected?.then((cluster) => cluster.disconnect()).catch(() => undefined);
  }

  private cluster(): Promise<Cluster> {
    this.connected ??= (async () => {
      const cluster = connectCluster(this.options, this.logger);
      await cluster.connect();
      return cluster;
    })();
    return this.connected;
  }
}

function isUnknownTopic(error: unknown): boolean {
  return error instanceof KafkaJSProtocolError && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

function noTopic(topic: string): Unavailable {
  return new Unavailable('no-topic', `There is no topic ${topic}: it was deleted, or is not made yet`);
}
