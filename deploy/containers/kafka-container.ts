import { readFileSync } from 'node:fs';
import { type StartedTestContainer } from 'testcontainers';
import { BROKER_LOG4J, brokerProperties, probeKafka } from '../embedded/parts/kafka';
import {
  adminAccess,
  type BrokerSecurity,
  keystorePem,
  openSettings,
  securitySettings,
} from '../embedded/parts/kafka-security';
import { IMAGES } from './images';
import { LoopbackContainer } from './loopback-container';

const CONTROLLER_PORT = 9095;
/** Where the image looks for settings that replace its own. */
const SETTINGS = '/mnt/shared/config';
const LOG = '/var/lib/kafka/data/log';
const STORES = { keystore: '/etc/kafka/secrets/keystore.pem', truststore: '/etc/kafka/secrets/ca.pem' };
const READABLE = 0o644;

/**
 * A single broker with the settings of the embedded one, its data gone with it.
 * @param port on 127.0.0.1, and inside
 * @param security without it everybody may connect and do everything
 */
export function startKafkaContainer(port: number, security?: BrokerSecurity): Promise<StartedTestContainer> {
  const listeners = { bind: '0.0.0.0', clients: port, controller: CONTROLLER_PORT };
  const broker = new LoopbackContainer(IMAGES.kafka)
    .withLoopbackPort(port)
    .withEnvironment({ KAFKA_HEAP_OPTS: '-Xmx384m', KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC' });
  const content = (path: string, text: string) => ({ target: path, content: text, mode: READABLE });
  const logging = ['log4j2.yaml', 'tools-log4j2.yaml'].map((name) =>
    content(`${SETTINGS}/${name}`, BROKER_LOG4J),
  );
  const properties = (access: Record<string, string | boolean>) =>
    content(`${SETTINGS}/server.properties`, brokerProperties(listeners, LOG, access));
  if (security === undefined) {
    return broker
      .withCopyContentToContainer([...logging, properties(openSettings(listeners))])
      .readyWhen(() => probeKafka({ brokers: [`127.0.0.1:${port}`] }))
      .start();
  }
  const internal = security.internalPort;
  return broker
    .withLoopbackPort(internal)
    .withCopyContentToContainer([
      ...logging,
      properties(securitySettings({ ...listeners, internal }, STORES)),
      // The image's user reads them in a container that nobody else is in.
      content(STORES.keystore, keystorePem(security.broker)),
      content(STORES.truststore, readFileSync(security.broker.caFile, 'utf8')),
    ])
    .readyWhen(() => probeKafka(adminAccess(security)))
    .start();
}
