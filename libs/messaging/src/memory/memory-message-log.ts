import { asQuorateError, Fatal } from '@quorate/platform';
import {
  type LogProducer,
  type MessageLog,
  type OutgoingRecord,
  type RunningSubscription,
  type Subscription,
  type TopicMismatch,
  type TopicState,
  type TopicSpec,
} from '../message-log.port';
import { MemorySubscription } from './memory-subscription';
import { MemoryTopic } from './memory-topic';

/**
 * A message log in memory, for tests of what reads and writes one: same order, groups, positions and retries as
 * Kafka's. A topic that nobody declared is made with one partition.
 */
export function memoryMessageLog(): MessageLog {
  return new MemoryMessageLog();
}

class MemoryMessageLog implements MessageLog {
  private readonly topics = new Map<string, MemoryTopic>();
  private readonly subscriptions = new Set<MemorySubscription>();
  private readonly fatalListeners: ((error: Error) => void)[] = [];
  private closed = false;

  producer(): Promise<LogProducer> {
    return Promise.resolve({
      send: (records: OutgoingRecord[]) => {
        if (this.closed) return Promise.reject(new Fatal('closed', 'The message log is closed'));
        for (const record of records) this.topic(record.topic).append(record);
        for (const subscription of this.subscriptions) subscription.wake();
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }

  subscribe(subscription: Subscription): Promise<RunningSubscription> {
    const topic = this.topic(subscription.topic);
    const running = new MemorySubscription(
      topic,
      subscription,
      (error) => this.fatal(asQuorateError(error)),
      () => {
        this.subscriptions.delete(running);
        this.rebalance(subscription);
      },
    );
    this.subscriptions.add(running);
    this.rebalance(subscription);
    return Promise.resolve(running);
  }

  highWatermarks(topic: string): Promise<Map<number, bigint>> {
    return Promise.resolve(this.topic(topic).highWatermarks());
  }

  logStarts(topic: string): Promise<Map<number, bigint>> {
    return Promise.resolve(new Map(this.topic(topic).partitions.map((_, partition) => [partition, 0n])));
  }

  /** Topics in memory are never made anew. */
  topicState(topic: string): Promise<TopicState> {
    const leaderEpochs = new Map(this.topic(topic).partitions.map((_, partition) => [partition, 0]));
    return Promise.resolve({ id: topic, leaderEpochs });
  }

  ensureTopics(specs: TopicSpec[]): Promise<TopicMismatch[]> {
    const mismatches: TopicMismatch[] = [];
    for (const { topic, partitions } of specs) {
      const existing = this.topics.get(topic);
      if (existing === undefined) this.topics.set(topic, new MemoryTopic(topic, partitions));
      else if (existing.partitions.length !== partitions) {
        const actual = String(existing.partitions.length);
        mismatches.push({ topic, setting: 'partitions', expected: String(partitions), actual });
      }
    }
    return Promise.resolve(mismatches);
  }

  onFatal(listener: (error: Error) => void): void {
    this.fatalListeners.push(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
  }

  private fatal(error: Error): void {
    for (const listener of this.fatalListeners) listener(error);
  }

  private topic(name: string): MemoryTopic {
    const topic = this.topics.get(name) ?? new MemoryTopic(name, 1);
    this.topics.set(name, topic);
    return topic;
  }

  private rebalance({ topic, group }: Subscription): void {
    const members = [...this.subscriptions].filter((member) => member.isOf(topic, group));
    const partitions = this.topic(topic).partitions.map((_, partition) => partition);
    members.forEach((member, index) =>
      member.assign(partitions.filter((partition) => partition % members.length === index)),
    );
  }
}
