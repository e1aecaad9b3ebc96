import { randomBytes } from 'node:crypto';
import { chainIdOf } from '../embedded/parts/chain';
import { type Infrastructure, type InfrastructurePorts } from '../embedded/parts/infrastructure';
import { adminAccess, type BrokerCertificates } from '../embedded/parts/kafka-security';
import { superuserUrl } from '../embedded/parts/postgres';
import { freePort } from '../embedded/ports/free-ports';
import { startChainContainer } from './chain-container';
import { startKafkaContainer } from './kafka-container';
import { removeOrphans } from './loopback-container';
import { startPostgresContainer } from './postgres-container';

export interface ContainerInfrastructure extends Infrastructure {
  /** Removes the containers and all that is in them. */
  stop(): Promise<void>;
}

/**
 * Kafka, Postgres and a local chain in containers of this machine's Docker engine, for tests: what the embedded parts are
 * otherwise. Resolves when all of them answer.
 * @param certificates those of a broker that lets in only whom it knows; without them everybody may do everything there
 */
export async function startContainerInfrastructure(
  ports: InfrastructurePorts,
  certificates?: BrokerCertificates,
): Promise<ContainerInfrastructure> {
  await removeOrphans();
  const security = certificates && { ...certificates, internalPort: await freePort() };
  const postgres = { port: ports.postgres, password: randomBytes(24).toString('hex') };
  const starting = await Promise.allSettled([
    startKafkaContainer(ports.kafka, security),
    startPostgresContainer(postgres),
    startChainContainer(ports.chain),
  ]);
  const started = starting.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async () => {
    await Promise.all(started.map((container) => container.stop({ timeout: 0 })));
  };
  const failed = starting.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const rpcUrl = `http://127.0.0.1:${ports.chain}`;
  return {
    brokers: [`127.0.0.1:${ports.kafka}`],
    localBroker: true,
    ...(security ? { brokerAdmin: adminAccess(security) } : {}),
    databaseUrl: superuserUrl(postgres),
    rpcUrls: [rpcUrl],
    chainId: await chainIdOf(rpcUrl),
    localChain: true,
    stop,
  };
}
