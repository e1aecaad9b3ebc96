import { type Metrics } from '@quorate/platform';
import { type Batch, type MessageLog, type Subscription } from '../message-log.port';

/** How far each subscription is behind, by partition, in records. */
type Lags = Map<number, number>;

/**
 * The same log, whose readers can be watched: how far they are behind the end of their topics as of the last fetch, and
 * how often what they read could not be handled.
 * @param prefix TOPIC_PREFIX, left out of the names of topics
 */
export function meteredLog(log: MessageLog, metrics: Metrics, prefix: string): MessageLog {
  const readers: { readonly topic: string; readonly lags: Lags }[] = [];
  metrics.gauge({
    name: 'consumer_lag_records',
    help: 'Records of a topic that this process has not handled yet, as of its last fetch.',
    labelNames: ['topic'],
    collect() {
      this.reset();
      for (const { topic, lags } of readers) {
        for (const lag of [0, ...lags.values()]) this.inc({ topic }, lag);
      }
    },
  });
  const retries = metrics.counter({
    name: 'consumer_retries_total',
    help: 'Times that records of a topic could not be handled, and were given back to be tried again.',
    labelNames: ['topic'],
  });

  function metered(subscription: Subscription): Subscription {
    const topic = nameOf(subscription.topic, prefix);
    const lags: Lags = new Map();
    readers.push({ topic, lags });
    return {
      ...subscription,
      handle: async (batches) => {
        for (const batch of batches) lags.set(batch.partition, behind(batch, batch.firstOffset));
        try {
          await subscription.handle(batches);
        } catch (error) {
          retries.inc({ topic });
          throw error;
        }
        for (const batch of batches) lags.set(batch.partition, behind(batch, batch.nextOffset));
      },
      onRevoked: (partitions) => {
        for (const partition of partitions) lags.delete(partition);
        subscription.onRevoked?.(partitions);
      },
    };
  }

  return {
    producer: () => log.producer(),
    subscribe: (subscription) => log.subscribe(metered(subscription)),
    highWatermarks: (topic) => log.highWatermarks(topic),
    logStarts: (topic) => log.logStarts(topic),
    topicState: (topic) => log.topicState(topic),
    ensureTopics: (specs) => log.ensureTopics(specs),
    onFatal: (listener) => log.onFatal(listener),
    close: () => log.close(),
  };
}

function behind({ highWatermark }: Batch, position: bigint): number {
  return highWatermark > position ? Number(highWatermark - position) : 0;
}

function nameOf(topic: string, prefix: string): string {
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : topic;
}
