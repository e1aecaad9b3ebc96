import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KafkaMessageLogOptions } from '@quorate/messaging';
import { Kafka, logLevel } from 'kafkajs';
import { freePort } from '../ports/free-ports';
import { type Part } from '../processes/part';
import { runTool } from '../processes/run-tool';
import { StartFailure } from '../terminal/start-failure';
import { createdOnce } from './created-once';
import {
  adminAccess,
  type BrokerListeners,
  type BrokerSecurity,
  keystorePem,
  openSettings,
  securitySettings,
} from './kafka-security';

// With its optimising compiler: the processor's AES instructions, on which TLS lives, are used by that one only.
const JVM_FLAGS = ['-Xmx384m', '-XX:+UseSerialGC'];
export const BROKER_LOG4J = `Configuration:
  status: ERROR
  Appenders: { Console: { name: out, PatternLayout: { pattern: "%d %p %m (%c)%n" } } }
  Loggers: { Root: { level: WARN, AppenderRef: { ref: out } } }
`;

/** An embedded broker: where its data lies, its port on 127.0.0.1, its jars and the java to run it. */
export interface EmbeddedKafka {
  folder: string;
  port: number;
  jars: string;
  java: string;
  /** Without it everybody may connect and do everything: for tests of what has nothing to do with that. */
  security?: BrokerSecurity;
  /** Properties of the broker instead of its own: for tests. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * A single Kafka broker in KRaft mode; its folder is formatted at the first start. A folder that was used without security
 * goes on with it, and the other way round: data, topics and positions are the same.
 */
export function kafkaPart(kafka: EmbeddedKafka): Part {
  const properties = join(kafka.folder, 'server.properties');
  return {
    name: 'kafka',
    stage: 'infrastructure',
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 60_000,
    async command() {
      await mkdir(kafka.folder, { recursive: true });
      await writeFile(join(kafka.folder, 'log4j2.yaml'), BROKER_LOG4J);
      await writeFile(properties, await serverProperties(kafka));
      await createdOnce(join(kafka.folder, 'log'), () => format(kafka, properties));
      return {
        file: kafka.java,
        args: [...JVM_FLAGS, ...classPath(kafka), 'kafka.Kafka', properties],
        env: process.env,
        cwd: kafka.folder,
      };
    },
    probe: () =>
      probeKafka(kafka.security ? adminAccess(kafka.security) : { brokers: [`127.0.0.1:${kafka.port}`] }),
  };
}

/** Resolves when a broker answers a metadata request and knows its controller. */
export async function probeKafka({
  brokers,
  ssl,
  sasl,
}: Pick<KafkaMessageLogOptions, 'brokers' | 'ssl' | 'sasl'>): Promise<void> {
  const client = new Kafka({
    clientId: 'quorate-probe',
    brokers,
    ...(ssl ? { ssl } : {}),
    ...(sasl ? { sasl: { mechanism: 'scram-sha-512', ...sasl } } : {}),
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  try {
    await admin.connect();
    const { controller } = await admin.describeCluster();
    if (controller === null) throw new Error('the broker has no controller yet');
  } finally {
    await admin.disconnect();
  }
}

async function serverProperties({ folder, port, security, settings }: EmbeddedKafka): Promise<string> {
  const listeners = { bind: '127.0.0.1', clients: port, controller: await freePort() };
  const log = join(folder, 'log');
  if (security === undefined) return brokerProperties(listeners, log, openSettings(listeners), settings);
  const stores = { keystore: join(folder, 'keystore.pem'), truststore: security.broker.caFile };
  await writeFile(stores.keystore, keystorePem(security.broker), { mode: 0o600 });
  return brokerProperties(
    listeners,
    log,
    securitySettings({ ...listeners, internal: security.internalPort }, stores),
  );
}

/**
 * server.properties of a single broker.
 * @param log where its data is, as the broker sees it
 * @param access who may connect
 * @param others instead of what stands here
 */
export function brokerProperties(
  { controller }: BrokerListeners,
  log: string,
  access: Record<string, string | boolean>,
  others: Readonly<Record<string, string>> = {},
): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    ...access,
    'log.dirs': log,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.max.timeout.ms': 10_000,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.io.threads': 4,
    'num.network.threads': 2,
    'controlled.shutdown.max.retries': 1,
    // A killed broker may register again only after its old session has ended (default 9 s).
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'log.retention.check.interval.ms': 60_000,
    ...others,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function format(kafka: EmbeddedKafka, properties: string): Promise<void> {
  const id = randomBytes(16);
  // An id that begins with "-" would be read as an option.
  id.writeUInt8(id.readUInt8(0) & 0x7f, 0);
  const clusterId = id.toString('base64url');
  const { code, output } = await runTool(
    kafka.java,
    [
      ...JVM_FLAGS,
      ...classPath(kafka),
      'kafka.tools.StorageTool',
      'format',
      '--cluster-id',
      clusterId,
      '-c',
      properties,
    ],
    { cwd: kafka.folder },
  );
  if (code !== 0)
    throw new StartFailure('kafka-format', `Kafka could not format ${kafka.folder}:\n${output.trim()}`);
}

function classPath({ folder, jars }: EmbeddedKafka): string[] {
  return [`-Dlog4j2.configurationFile=file:${join(folder, 'log4j2.yaml')}`, '-cp', join(jars, '*')];
}
