import { Fatal, type QuorateError, Unavailable } from '@quorate/platform';
import { type ConnectedBroker } from 'kafkajs/src/cluster';
import Decoder from 'kafkajs/src/protocol/decoder';
import type Encoder from 'kafkajs/src/protocol/encoder';
import { createErrorFromCode } from 'kafkajs/src/protocol/error';
import { type StructuredLogger } from '../structured-logger';
import { connectCluster, type KafkaConnectionOptions } from './kafka-connection';
import { fromKafkaError } from './kafka-errors';

/** A request of Kafka's protocol that kafkajs does not know, in one version, without the header. */
export interface BrokerRequest<T> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Encoder;
  /** Reads the answer. Throws what the broker reports as an error of the project's taxonomy. */
  decode(body: Decoder): T;
}

export type AskBroker = <T>(request: BrokerRequest<T>) => Promise<T>;

/**
 * Lends a connection to the cluster for requests of one's own. Connecting, TLS, SASL, framing and time-outs are kafkajs's.
 * Throws Unavailable while the cluster cannot be reached, Fatal for what a broker refuses or is too old for.
 */
export async function withBroker<T>(
  options: KafkaConnectionOptions,
  logger: StructuredLogger,
  work: (ask: AskBroker) => Promise<T>,
): Promise<T> {
  const cluster = connectCluster(options, logger);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = await cluster.findControllerBroker();
    return await work((request) => askOf(broker, request));
  } catch (error) {
    throw fromKafkaError(error);
  } finally {
    await cluster.disconnect();
  }
}

/** Sends a request to one broker. Throws Fatal `kafka-version` where it does not know that version of it. */
export async function askOf<T>(broker: ConnectedBroker, request: BrokerRequest<T>): Promise<T> {
  const { apiKey, apiVersion, apiName } = request;
  const known = broker.versions[apiKey];
  if (known === undefined || apiVersion < known.minVersion || apiVersion > known.maxVersion) {
    throw new Fatal(
      'kafka-version',
      `${broker.brokerAddress} does not know ${apiName} version ${apiVersion}`,
    );
  }
  return broker.connectionPool.send({
    request: { apiKey, apiVersion, apiName, encode: () => Promise.resolve(request.encode()) },
    response: {
      decode: (body: Buffer) => Promise.resolve({ body }),
      parse: async ({ body }: { body: Buffer }) => request.decode(new Decoder(body)),
    },
  });
}

/** What the broker has refused, as it reports it: `what` follows "Kafka refuses". */
export function brokerRefusal(errorCode: number, message: string | null, what: string): QuorateError {
  const { type, retriable } = createErrorFromCode(errorCode);
  const reason = `Kafka refuses ${what}: ${message ?? type}`;
  return retriable ? new Unavailable('kafka', reason) : new Fatal('kafka', reason);
}
