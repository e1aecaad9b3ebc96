import { type AclEntry, type ConfigResourceTypes } from 'kafkajs';

/** Single requests of Kafka's protocol: they answer with what the broker says, without a retry. */
declare module 'kafkajs/src/cluster' {
  interface ConnectedBroker {
    fetch(request: {
      replicaId: number;
      isolationLevel: number;
      maxWaitTime: number;
      minBytes: number;
      maxBytes: number;
      topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
    }): Promise<unknown>;
    produce(request: {
      transactionalId?: string | null;
      producerId?: number;
      producerEpoch?: number;
      topicData: {
        topic: string;
        partitions: {
          partition: number;
          firstSequence?: number;
          messages: { key: Buffer; value: Buffer; timestamp: string; headers: object }[];
        }[];
      }[];
    }): Promise<unknown>;
    listOffsets(request: {
      replicaId: number;
      isolationLevel: number;
      topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
    }): Promise<unknown>;
    joinGroup(request: {
      groupId: string;
      sessionTimeout: number;
      rebalanceTimeout: number;
      groupProtocols: { name: string; metadata: Buffer }[];
    }): Promise<unknown>;
    describeGroups(request: { groupIds: string[] }): Promise<unknown>;
    offsetCommit(request: {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
      topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
    }): Promise<unknown>;
    deleteGroups(groupIds: string[]): Promise<unknown>;
    createTopics(request: { topics: { topic: string }[]; validateOnly: boolean }): Promise<unknown>;
    createPartitions(request: {
      topicPartitions: { topic: string; count: number }[];
      validateOnly: boolean;
    }): Promise<unknown>;
    deleteTopics(request: { topics: string[] }): Promise<unknown>;
    deleteRecords(request: {
      topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
    }): Promise<unknown>;
    alterConfigs(request: {
      resources: {
        type: ConfigResourceTypes;
        name: string;
        configEntries: { name: string; value: string }[];
      }[];
      validateOnly: boolean;
    }): Promise<unknown>;
    initProducerId(request: { transactionalId: string | null; transactionTimeout: number }): Promise<unknown>;
    createAcls(request: { acl: AclEntry[] }): Promise<unknown>;
  }
}
