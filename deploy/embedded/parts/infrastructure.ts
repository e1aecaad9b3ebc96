import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StackFolders } from '../files/stack-folders';
import { freePort } from '../ports/free-ports';
import { type Supervisor } from '../processes/supervisor';
import { asStep, type Progress } from '../terminal/progress';
import { messageOf, StartFailure } from '../terminal/start-failure';
import { chainIdOf, chainPart } from './chain';
import { findJava } from './java';
import { kafkaPart, probeKafka } from './kafka';
import { cachedKafkaJars, fetchKafkaJars, KAFKA_VERSION } from './kafka-jars';
import { adminAccess, type BrokerCertificates, type KafkaAccess } from './kafka-security';
import { postgresPart, probePostgres, superuserUrl } from './postgres';

/** What the services run on: embedded parts, or the user's own where the environment names them. */
export interface Infrastructure {
  brokers: string[];
  /** Whether the broker is the embedded one, which nobody else uses. */
  localBroker: boolean;
  /** The connection that may do everything, where the embedded broker asks who connects. */
  brokerAdmin?: KafkaAccess;
  /** URL of a role that may create databases and roles. */
  databaseUrl: string;
  rpcUrls: string[];
  chainId: string;
  /** Whether the chain is the embedded one, whose accounts can be given money. */
  localChain: boolean;
}

export interface InfrastructurePorts {
  kafka: number;
  postgres: number;
  chain: number;
}

/**
 * Starts Kafka, Postgres and the chain at once; KAFKA_BROKERS, DATABASE_URL and RPC_URLS replace one each.
 * Resolves when all of them answer.
 * @param certificates those of a broker that lets in only whom it knows; without them everybody may do everything there
 */
export async function startInfrastructure(
  supervisor: Supervisor,
  folders: StackFolders,
  ports: InfrastructurePorts,
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
  certificates?: BrokerCertificates,
): Promise<Infrastructure> {
  const starting = [
    env['KAFKA_BROKERS']
      ? ownKafka(progress, env['KAFKA_BROKERS'], env)
      : startKafka(supervisor, folders, ports.kafka, progress, certificates),
    startPostgres(supervisor, folders, ports.postgres, progress, env['DATABASE_URL']),
    startChain(supervisor, folders, ports.chain, progress, env['RPC_URLS']),
  ] as const;
  // All of them settle first, so that nothing is still starting when a failure is handled.
  await Promise.allSettled(starting);
  const [kafka, databaseUrl, chain] = await Promise.all(starting);
  return { ...kafka, databaseUrl, ...chain };
}

type KafkaPart = Pick<Infrastructure, 'brokers' | 'localBroker' | 'brokerAdmin'>;

async function ownKafka(progress: Progress, own: string, env: NodeJS.ProcessEnv): Promise<KafkaPart> {
  const brokers = own.split(',').map((broker) => broker.trim());
  // Authentication is the services' business; here only the plain case can be tried beforehand.
  if (!env['KAFKA_SASL_USERNAME'] && !env['KAFKA_SSL_CA']) {
    await reach(progress, 'Kafka (your own)', 'KAFKA_BROKERS', own, () => probeKafka({ brokers }));
  }
  return { brokers, localBroker: false };
}

async function startKafka(
  supervisor: Supervisor,
  folders: StackFolders,
  port: number,
  progress: Progress,
  certificates: BrokerCertificates | undefined,
): Promise<KafkaPart> {
  const java = await findJava();
  const jars =
    cachedKafkaJars() ??
    (await asStep(progress, `fetching Kafka ${KAFKA_VERSION} by Maven`, () => fetchKafkaJars()));
  const security = certificates && { ...certificates, internalPort: await freePort() };
  const embedded = { folder: join(folders.data, 'kafka'), port, jars, java };
  const part = kafkaPart({ ...embedded, ...(security ? { security } : {}) });
  await asStep(
    progress,
    `Kafka ${KAFKA_VERSION}`,
    () => supervisor.start(part),
    () => `127.0.0.1:${port}`,
  );
  return {
    brokers: [`127.0.0.1:${port}`],
    localBroker: true,
    ...(security ? { brokerAdmin: adminAccess(security) } : {}),
  };
}

async function startPostgres(
  supervisor: Supervisor,
  folders: StackFolders,
  port: number,
  progress: Progress,
  own: string | undefined,
): Promise<string> {
  if (own) {
    await reach(progress, 'Postgres (your own)', 'DATABASE_URL', new URL(own).host, () => probePostgres(own));
    return own;
  }
  const postgres = { folder: join(folders.data, 'postgres'), port, password: superuserPassword(folders) };
  await asStep(
    progress,
    'Postgres 18',
    () => supervisor.start(postgresPart(postgres)),
    () => `127.0.0.1:${port}`,
  );
  return superuserUrl(postgres);
}

async function startChain(
  supervisor: Supervisor,
  folders: StackFolders,
  port: number,
  progress: Progress,
  own: string | undefined,
): Promise<Pick<Infrastructure, 'rpcUrls' | 'chainId' | 'localChain'>> {
  const rpcUrls = own ? own.split(',').map((url) => url.trim()) : [`http://127.0.0.1:${port}`];
  const [first = ''] = rpcUrls;
  if (own) {
    const chainId = await reach(progress, 'chain (your own)', 'RPC_URLS', first, () => chainIdOf(first));
    return { rpcUrls, chainId, localChain: false };
  }
  const part = chainPart({ folder: join(folders.data, 'chain'), port });
  await asStep(
    progress,
    'local chain (anvil)',
    () => supervisor.start(part),
    () => `127.0.0.1:${port}`,
  );
  return { rpcUrls, chainId: await chainIdOf(first), localChain: true };
}

function reach<T>(
  progress: Progress,
  label: string,
  setting: string,
  where: string,
  probe: () => Promise<T>,
): Promise<T> {
  return asStep(
    progress,
    label,
    () =>
      probe().catch((error: unknown) => {
        throw new StartFailure(
          'own-part-unreachable',
          `${setting} (${where}) does not answer: ${messageOf(error)}`,
        );
      }),
    () => where,
  );
}

function superuserPassword(folders: StackFolders): string {
  const file = join(folders.data, 'postgres-password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
