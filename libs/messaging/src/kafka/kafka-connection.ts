import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { type ISocketFactoryArgs, Kafka, logLevel } from 'kafkajs';
import Cluster from 'kafkajs/src/cluster';
import { createLogger } from 'kafkajs/src/loggers';
import { type StructuredLogger } from '../structured-logger';
import { kafkaLogCreator } from './kafka-logging';

export interface KafkaConnectionOptions {
  brokers: string[];
  clientId: string;
  /** `true` for TLS with the system's authorities. */
  ssl?: ConnectionOptions | true | undefined;
  /** SCRAM-SHA-512. */
  sasl?: { username: string; password: string } | undefined;
}

/** A kafkajs client: no Nagle delay, short retries, quiet logs. */
export function connectKafka(options: KafkaConnectionOptions, logger: StructuredLogger): Kafka {
  return new Kafka({ ...networkSettings(options), ...logSettings(logger) });
}

/** kafkajs's inner connection to the same brokers, for requests that its client does not offer. */
export function connectCluster(options: KafkaConnectionOptions, logger: StructuredLogger): Cluster {
  const { logLevel: level, logCreator } = logSettings(logger);
  return new Cluster({
    ...networkSettings(options),
    logger: createLogger({ level, logCreator }),
    allowAutoTopicCreation: false,
  });
}

function networkSettings(options: KafkaConnectionOptions) {
  return {
    brokers: options.brokers,
    clientId: options.clientId,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: { mechanism: 'scram-sha-512' as const, ...options.sasl } }),
    socketFactory: noDelaySocket,
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: 15_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 },
  };
}

function logSettings(logger: StructuredLogger) {
  return { logLevel: logLevel.INFO, logCreator: kafkaLogCreator(logger) };
}

function noDelaySocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const socket = isTls(ssl)
    ? connectTls({ host, port, ...(isHostName(host) ? { servername: host } : {}), ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
}

/** kafkajs passes null for plain TCP, against its own types. */
function isTls(ssl: ConnectionOptions | null | undefined): ssl is ConnectionOptions {
  return ssl !== null && ssl !== undefined;
}

function isHostName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host);
}
