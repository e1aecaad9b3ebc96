import { Fatal } from '@quorate/platform';
import { type Admin, ConfigResourceTypes } from 'kafkajs';
import { type TopicMismatch, type TopicSpec } from '../message-log.port';

/**
 * Creates the topics that are missing and compares the others; returns what differs. A topic is there once the
 * leaders of its partitions answer for it: the cluster's metadata names them before they do.
 * @param persist tries until Kafka is there
 */
export async function ensureTopics(
  admin: Admin,
  specs: TopicSpec[],
  persist: <T>(action: () => Promise<T>) => Promise<T>,
): Promise<TopicMismatch[]> {
  const names = new Set(await persist(() => admin.listTopics()));
  const missing = specs.filter((spec) => !names.has(spec.topic));
  if (missing.length > 0) {
    await persist(() => createTopics(admin, missing));
    await persist(() => Promise.all(missing.map(({ topic }) => partitionBounds(admin, topic))));
  }
  const existing = specs.filter((spec) => names.has(spec.topic));
  return existing.length > 0 ? persist(() => compareTopics(admin, existing)) : [];
}

/** May be repeated: kafkajs takes a topic that exists by now for one that it has made. */
async function createTopics(admin: Admin, specs: TopicSpec[]): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    timeout: 15_000,
    topics: specs.map((spec) => ({
      topic: spec.topic,
      numPartitions: spec.partitions,
      replicationFactor: spec.replicationFactor ?? 1,
      configEntries: Object.entries(spec.config ?? {}).map(([name, value]) => ({ name, value })),
    })),
  });
}

async function compareTopics(admin: Admin, specs: TopicSpec[]): Promise<TopicMismatch[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map((spec) => spec.topic) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map((spec) => ({ type: ConfigResourceTypes.TOPIC, name: spec.topic })),
  });
  const mismatches: TopicMismatch[] = [];
  for (const spec of specs) {
    const compare = (setting: string, expected: string, actual: string) => {
      if (expected !== actual) mismatches.push({ topic: spec.topic, setting, expected, actual });
    };
    const partitions = topics.find((topic) => topic.name === spec.topic)?.partitions ?? [];
    compare('partitions', String(spec.partitions), String(partitions.length));
    const entries = resources.find((resource) => resource.resourceName === spec.topic)?.configEntries ?? [];
    for (const [name, value] of Object.entries(spec.config ?? {})) {
      compare(name, value, entries.find((entry) => entry.configName === name)?.configValue ?? '');
    }
  }
  return mismatches;
}

/** Bounds of a partition: offset of the first record that is kept, and next offset to be written. */
export interface PartitionBounds {
  low: bigint;
  high: bigint;
}

/** Bounds of all partitions of a topic. */
export async function partitionBounds(admin: Admin, topic: string): Promise<Map<number, PartitionBounds>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
  );
}

/** Offsets that a group has committed, by partition; partitions without one are absent. */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topic: string,
): Promise<Map<number, bigint>> {
  const answer = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const found = answer.find((entry) => entry.topic === topic);
  if (found === undefined) throw new Fatal('kafka', `no answer about the offsets of ${group} on ${topic}`);
  return new Map(
    found.partitions
      .map(({ partition, offset }): [number, bigint] => [partition, BigInt(offset)])
      .filter(([, offset]) => offset >= 0n),
  );
}
