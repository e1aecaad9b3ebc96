import { type ConnectionOptions } from 'node:tls';
import { type MessageLog } from '../message-log.port';
import { type StructuredLogger } from '../structured-logger';

export interface KafkaMessageLogOptions {
  brokers: string[];
  clientId: string;
  /** `true` for TLS with the system's authorities. */
  ssl?: ConnectionOptions | true | undefined;
  /** SCRAM-SHA-512. */
  sasl?: { username: string; password: string } | undefined;
  logger?: StructuredLogger | undefined;
}

/** The message log on Apache Kafka. */
export function kafkaMessageLog(options: KafkaMessageLogOptions): MessageLog {
  throw new Error(`not built yet: ${options.clientId}`);
}
