/** A Kafka and a Postgres whose certificates and superuser's password are those of a deployment folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeploymentLayout } from '@quorate/deployment';
import { kafkaPart } from '../../embedded/parts/kafka';
import { postgresPart } from '../../embedded/parts/postgres';
import { freePort } from '../../embedded/ports/free-ports';
import { brokerOf } from '../../embedded/testing/secured-broker';
import { type TemporaryStack } from '../../embedded/testing/temporary-stack';

/** What prepare is told of them, as docker-compose.yml does. */
export interface PrepareVariables {
  KAFKA_BROKERS: string;
  KAFKA_CLIENTS_BROKERS: string;
  DEPLOYMENT_FOLDER: string;
}

/** Starts both on these ports. */
export async function startFolderParts(
  temporary: TemporaryStack,
  { root, kafka, common, postgres }: DeploymentLayout,
  ports: { kafka: number; postgres: number },
): Promise<PrepareVariables> {
  const { folders, supervisor } = temporary;
  const tls = (name: string) => ({
    ...{ caFile: common.ca, certFile: join(kafka.folder, `${name}.pem`) },
    keyFile: join(kafka.folder, `${name}.key.pem`),
  });
  const security = { broker: tls('broker'), admin: tls('admin'), internalPort: await freePort() };
  const broker = { ...(await brokerOf(temporary)), port: ports.kafka, security };
  const server = {
    folder: join(folders.data, 'postgres'),
    port: ports.postgres,
    password: readFileSync(postgres.password, 'utf8'),
  };
  await Promise.all([supervisor.start(kafkaPart(broker)), supervisor.start(postgresPart(server))]);
  return {
    KAFKA_BROKERS: `127.0.0.1:${security.internalPort}`,
    KAFKA_CLIENTS_BROKERS: `127.0.0.1:${ports.kafka}`,
    DEPLOYMENT_FOLDER: root,
  };
}
