/**
 * Metadata (API key 3) of Kafka's protocol in version 10, the first one with the ids of topics (KIP-516): known to Kafka 2.8 and
 * newer. kafkajs asks in version 6. All fields are compact; the empty tagged fields of both headers are written and read here.
 *
 *   Request    [topics] allow_auto_topic_creation include_cluster_operations include_topic_operations
 *              topic: topic_id name
 *   Response   throttle_time_ms [brokers] cluster_id controller_id [topics] cluster_operations
 *              broker: node_id host port rack      topic: error_code name topic_id is_internal [partitions] topic_operations
 *              partition: error_code index leader_id leader_epoch [replicas] [isr] [offline]
 */
import type Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import { createErrorFromCode } from 'kafkajs/src/protocol/error';
import { type BrokerRequest } from './broker-request';

const NO_ERROR = 0;
const NO_TAGS = 0;
const ID_BYTES = 16;
const UNKNOWN_TOPIC = { errorCode: 3, id: '', partitions: [] };

/** A topic as one broker knows it. */
export interface DescribedTopic {
  /** Hexadecimal digits. */
  readonly id: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly epoch: number;
  }[];
}

/** Asks for one topic. Throws the broker's refusal as kafkajs has it: it may know no such topic. */
export function describeTopic(topic: string): BrokerRequest<DescribedTopic> {
  return {
    apiKey: 3,
    apiVersion: 10,
    apiName: 'Metadata',
    encode: () =>
      new Encoder()
        .writeUVarInt(NO_TAGS)
        .writeUVarIntArray([namedTopic(topic)], 'object')
        .writeBoolean(false)
        .writeBoolean(false)
        .writeBoolean(false)
        .writeUVarInt(NO_TAGS),
    decode(body) {
      body.readTaggedFields();
      body.readInt32();
      body.readUVarIntArray((broker) => {
        broker.readInt32();
        broker.readUVarIntString();
        broker.readInt32();
        broker.readUVarIntString();
        broker.readTaggedFields();
      });
      body.readUVarIntString();
      body.readInt32();
      const [described] = body.readUVarIntArray(readTopic) ?? [];
      const { errorCode, ...state } = described ?? UNKNOWN_TOPIC;
      if (errorCode !== NO_ERROR) throw createErrorFromCode(errorCode);
      return state;
    },
  };
}

/** By its name: the id is all zeros. */
function namedTopic(name: string): Encoder {
  const encoder = new Encoder();
  for (let written = 0; written < ID_BYTES; written += 4) encoder.writeInt32(0);
  return encoder.writeUVarIntString(name).writeUVarInt(NO_TAGS);
}

function readTopic(topic: Decoder): DescribedTopic & { errorCode: number } {
  const errorCode = topic.readInt16();
  topic.readUVarIntString();
  const id = topic.readBytes(ID_BYTES).toString('hex');
  topic.readInt8();
  const partitions = topic.readUVarIntArray((partition) => {
    partition.readInt16();
    const [index, leader, epoch] = [partition.readInt32(), partition.readInt32(), partition.readInt32()];
    // Replicas, those in sync, those away.
    for (let list = 0; list < 3; list += 1) partition.readUVarIntArray((node) => node.readInt32());
    partition.readTaggedFields();
    return { partition: index, leader, epoch };
  });
  topic.readInt32();
  topic.readTaggedFields();
  return { errorCode, id, partitions: partitions ?? [] };
}
