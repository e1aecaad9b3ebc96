import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  KafkaJSAggregateError,
  KafkaJSError,
  ResourcePatternTypes,
} from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster';
import { type ConnectedBroker } from 'kafkajs/src/cluster';

/** What a party tries on one topic. */
export const TOPIC_ATTEMPTS = {
  read: (broker, topic) =>
    broker.fetch({
      ...{ replicaId: -1, isolationLevel: 0, maxWaitTime: 0, minBytes: 0, maxBytes: 1000 },
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: '0', maxBytes: 1000 }] }],
    }),
  describe: (broker, topic) =>
    broker.listOffsets({
      ...{ replicaId: -1, isolationLevel: 0 },
      topics: [{ topic, partitions: [{ partition: 0, timestamp: -1 }] }],
    }),
  write: (broker, topic) => broker.produce(oneRecord(topic)),
  'write idempotently': (broker, topic) =>
    broker.produce({ ...oneRecord(topic), producerId: 4711, producerEpoch: 0 }),
  'write in a transaction': (broker, topic) =>
    broker.produce({ ...oneRecord(topic), transactionalId: 'mine', producerId: 4711, producerEpoch: 0 }),
  delete: (broker, topic) => broker.deleteTopics({ topics: [topic] }),
  'delete records': (broker, topic) =>
    broker.deleteRecords({ topics: [{ topic, partitions: [{ partition: 0, offset: '0' }] }] }),
  'add partitions': (broker, topic) =>
    broker.createPartitions({ topicPartitions: [{ topic, count: 100 }], validateOnly: true }),
  'change settings': (broker, topic) =>
    broker.alterConfigs({
      resources: [
        {
          ...{ type: ConfigResourceTypes.TOPIC, name: topic },
          configEntries: [{ name: 'retention.ms', value: '1' }],
        },
      ],
      validateOnly: true,
    }),
} satisfies Record<string, (broker: ConnectedBroker, topic: string) => Promise<unknown>>;

/** What a party tries on one consumer group. */
export const GROUP_ATTEMPTS = {
  // The session is shorter than any broker takes, which it says after it has let the party in.
  join: (broker, groupId) =>
    broker.joinGroup({
      ...{ groupId, sessionTimeout: 1, rebalanceTimeout: 1 },
      groupProtocols: [{ name: 'RoundRobinAssigner', metadata: Buffer.alloc(0) }],
    }),
  describe: (broker, groupId) => broker.describeGroups({ groupIds: [groupId] }),
  delete: (broker, groupId) => broker.deleteGroups([groupId]),
} satisfies Record<string, (broker: ConnectedBroker, group: string) => Promise<unknown>>;

/** What a party tries on the cluster. */
export const CLUSTER_ATTEMPTS = {
  'create a topic': (broker) => broker.createTopics({ topics: [{ topic: 'mine' }], validateOnly: true }),
  'begin a transaction': (broker) =>
    broker.initProducerId({ transactionalId: 'mine', transactionTimeout: 1000 }),
  'give itself a right': (broker, user) =>
    broker.createAcls({
      acl: [
        {
          ...{ principal: `User:${user}`, host: '*', operation: AclOperationTypes.ALL },
          ...{ permissionType: AclPermissionTypes.ALLOW, resourceType: AclResourceTypes.TOPIC },
          ...{ resourceName: '*', resourcePatternType: ResourcePatternTypes.LITERAL },
        },
      ],
    }),
  'change the broker': (broker) =>
    broker.alterConfigs({
      resources: [
        {
          ...{ type: ConfigResourceTypes.BROKER, name: '1' },
          configEntries: [{ name: 'log.retention.ms', value: '1' }],
        },
      ],
      validateOnly: true,
    }),
} satisfies Record<string, (broker: ConnectedBroker, user: string) => Promise<unknown>>;

/** One connection in somebody's name, and what the broker lets it do. */
export class Party {
  private constructor(
    private readonly cluster: Cluster,
    private readonly broker: ConnectedBroker,
  ) {}

  static async connect(cluster: Cluster): Promise<Party> {
    await cluster.connect();
    await cluster.refreshMetadata();
    return new Party(cluster, await cluster.findControllerBroker());
  }

  /** Whether the broker lets it do that, whatever comes of it then. */
  async may(attempt: (broker: ConnectedBroker) => Promise<unknown>): Promise<boolean> {
    const answer = await attempt(this.broker).catch((error: unknown) => {
      if (error instanceof KafkaJSError || error instanceof KafkaJSAggregateError) return error;
      throw error;
    });
    return !isRefusal(answer);
  }

  close(): Promise<void> {
    return this.cluster.disconnect();
  }
}

/** TOPIC_, GROUP_, CLUSTER_ and TRANSACTIONAL_ID_AUTHORIZATION_FAILED. */
const REFUSALS = [29, 30, 31, 53];

/** Whether an answer or an error of kafkajs holds such a code anywhere: some requests are answered topic by topic. */
function isRefusal(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  return Object.entries(answer).some(([name, value]: [string, unknown]) =>
    name === 'errorCode' || name === 'code'
      ? typeof value === 'number' && REFUSALS.includes(value)
      : isRefusal(value),
  );
}

function oneRecord(topic: string) {
  const message = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: '0', headers: {} };
  return { topicData: [{ topic, partitions: [{ partition: 0, firstSequence: 0, messages: [message] }] }] };
}
