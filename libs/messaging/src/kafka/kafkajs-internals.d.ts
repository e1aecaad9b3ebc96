/** The parts of kafkajs that patches/ changes, or that requests need which kafkajs does not know. */

declare module 'kafkajs/src/network/requestQueue' {
  export default class RequestQueue {
    constructor(options: {
      maxInFlightRequests: number | null;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      clientId: string;
      broker: string;
      logger: { debug(message: string): void };
    });
    readonly clientId: string;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    scheduleCheckPendingRequests(): void;
    /** Told the throttle time of every answer, in ms; null where an answer has none. */
    maybeThrottle(clientSideThrottleTime: number | null): void;
    destroy(): void;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C' {
  /** CRC-32C (RFC 3720, 12.1) as an unsigned number; `previous` is that of the bytes before. */
  export default function crc32C(bytes: Buffer, previous?: number): number;
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0' {
  import type Encoder from 'kafkajs/src/protocol/encoder';

  /** A record of a batch, which numbers it and tells its first timestamp. */
  export default function encodeRecord(record: {
    offsetDelta: number;
    timestampDelta: number;
    key: string | Buffer | null;
    value: Buffer | null;
    headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  }): Encoder;
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder' {
  import type Decoder from 'kafkajs/src/protocol/decoder';

  export default function decodeRecord(
    decoder: Decoder,
    batch: { firstOffset: string; firstTimestamp: string },
  ): { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null; headers: object };
}

declare module 'kafkajs/src/protocol/requests/produce/v3/request' {
  import type Encoder from 'kafkajs/src/protocol/encoder';

  /** A request that appends records to partitions. */
  export default function produceRequest(options: {
    acks: number;
    timeout: number;
    topicData: {
      topic: string;
      partitions: {
        partition: number;
        firstSequence: number;
        messages: { key: Buffer; value: Buffer; headers: Record<string, Buffer> }[];
      }[];
    }[];
  }): { encode(): Promise<Encoder> };
}

declare module 'kafkajs/src/producer/partitioners/default/murmur2' {
  /** The hash (32 bits, signed) by which Java clients choose a partition. */
  export default function murmur2(key: string | Buffer): number;
}

declare module 'kafkajs/src/protocol/encoder' {
  export default class Encoder {
    /** What was written; long values lie there as they were given, not copied. */
    readonly chunks: readonly Buffer[];
    /** The same in one. */
    readonly buffer: Buffer;
    size(): number;
    writeInt8(value: number): this;
    writeInt32(value: number): this;
    writeUVarInt(value: number): this;
    writeUVarIntString(value: string): this;
    writeUVarIntBytes(value: Buffer): this;
    writeUVarIntArray(items: readonly Encoder[], type: 'object'): this;
    writeDouble(value: number): this;
    writeBoolean(value: boolean): this;
    writeString(value: string | null): this;
    writeArray(items: readonly Encoder[], type: 'object'): this;
  }
}

declare module 'kafkajs/src/protocol/decoder' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readDouble(): number;
    readBytes(byteLength: number): Buffer;
    readUVarInt(): number;
    readVarIntBytes(): Buffer;
    readString(): string | null;
    /** A null array reads as an empty one. */
    readArray<T>(reader: (decoder: Decoder) => T): T[];
    readUVarIntString(): string | null;
    readUVarIntArray<T>(reader: (decoder: Decoder) => T): T[] | null;
    /** Passes over them. */
    readTaggedFields(): void;
  }
}

declare module 'kafkajs/src/protocol/error' {
  import { type KafkaJSProtocolError } from 'kafkajs';

  export function createErrorFromCode(code: number): KafkaJSProtocolError;
}

declare module 'kafkajs/src/loggers' {
  import { type logCreator, type Logger, type logLevel } from 'kafkajs';

  export function createLogger(options: { level: logLevel; logCreator: logCreator }): Logger;
}

declare module 'kafkajs/src/cluster' {
  import { type ApiVersions, type KafkaConfig, type Logger } from 'kafkajs';
  import type Encoder from 'kafkajs/src/protocol/encoder';

  /** One request and how its answer is read; `parse` gets what `decode` returned. */
  interface ProtocolCall<D, T> {
    request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> };
    response: { decode(body: Buffer): Promise<D>; parse(decoded: D): Promise<T> };
  }

  interface ConnectedBroker {
    readonly brokerAddress: string;
    /** What the broker supports, by API key. */
    readonly versions: ApiVersions;
    readonly connectionPool: { send<D, T>(call: ProtocolCall<D, T>): Promise<T> };
  }

  export default class Cluster {
    constructor(
      options: Omit<KafkaConfig, 'logLevel' | 'logCreator'> & {
        logger: Logger;
        allowAutoTopicCreation: boolean;
      },
    );
    connect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    findControllerBroker(): Promise<ConnectedBroker>;
    /** Looks for it when it was no target before; throws when there is no such topic. */
    addTargetTopic(topic: string): Promise<void>;
    /** As the last look at the cluster found them. */
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
    findBroker(node: { nodeId: string }): Promise<ConnectedBroker>;
    disconnect(): Promise<void>;
  }
}
