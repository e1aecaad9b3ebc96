/** Prepares Kafka and Postgres for the deployment of a folder (docs/deployment.md). */
import { readFileSync } from 'node:fs';
import { type DeploymentLayout, deploymentFile, deploymentLayout } from '@quorate/deployment';
import { type KafkaMessageLogOptions } from '@quorate/messaging';
import { Invalid, kafkaConnection, readJsonFile, Unavailable } from '@quorate/platform';
import { probeKafka } from '../embedded/parts/kafka';
import { probePostgres } from '../embedded/parts/postgres';
import { until } from '../embedded/processes/until';
import { prepareCluster } from '../kafka/own-cluster';
import { type Note } from '../kafka/prepare-cluster';
import { prepareServer } from '../postgres/prepare-databases';
import { type PrepareConfig } from './config';
import { deploymentSecrets } from './deployment-secrets';

const PATIENCE_MS = 120_000;
const PROBE_EVERY_MS = 1000;

type KafkaPlace = Pick<KafkaMessageLogOptions, 'brokers' | 'ssl' | 'sasl'>;

/**
 * Waits until both answer, then sees to topics, users, access rules, quotas, databases and roles. May be repeated, and goes on where it
 * was interrupted. What the folder does not hold any more, as it was moved to the machine of its owner, stays as it is.
 * @throws Unavailable when they do not answer within two minutes, Invalid for what is wrong in the folder or in the settings
 */
export async function prepareDeployment(
  config: PrepareConfig,
  note: Note,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const layout = deploymentLayout(config.DEPLOYMENT_FOLDER);
  const deployment = readJsonFile(layout.description, deploymentFile);
  const { passwords, databases, elsewhere } = deploymentSecrets(layout, deployment);
  const { admin, listener } = kafkaOf(config, layout);
  const server = config.DATABASE_URL ?? readFileSync(layout.postgres.url, 'utf8').trim();
  if (elsewhere.length > 0) note(`not in this folder, and left as they are: ${elsewhere.join(', ')}`);

  await answer(`Kafka (${admin.brokers.join(', ')})`, () => probeKafka(admin), note, patienceMs);
  const logins = { passwords, former: deployment.former, listener };
  await prepareCluster({ ...admin, clientId: 'quorate-prepare' }, deployment, { logins, quotas: true }, note);
  await answer(`Postgres (${new URL(server).host})`, () => probePostgres(server), note, patienceMs);
  await prepareServer(server, databases);
  note(`databases: ${databases.length}`);
}

/** The administrator's connection, and where users log in. */
function kafkaOf(
  config: PrepareConfig,
  { kafka }: DeploymentLayout,
): { admin: KafkaPlace; listener: KafkaPlace } {
  const { KAFKA_BROKERS: brokers, KAFKA_CLIENTS_BROKERS: clients, KAFKA_SSL_CA: authority } = config;
  if (config.KAFKA_SASL_USERNAME !== undefined) {
    const admin = kafkaConnection(config);
    return { admin, listener: { brokers: clients ?? brokers, ssl: admin.ssl } };
  }
  if (clients === undefined) {
    throw new Invalid(
      'config',
      'set KAFKA_CLIENTS_BROKERS, where users log in, or KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE of an administrator',
    );
  }
  const ca = readFileSync(authority ?? kafka.ca, 'utf8');
  const [cert, key] = [kafka.admin.certFile, kafka.admin.keyFile].map((file) => readFileSync(file, 'utf8'));
  if (cert === undefined || key === undefined)
    throw new Invalid('folder', 'the administrator has no certificate');
  return { admin: { brokers, ssl: { ca, cert, key } }, listener: { brokers: clients, ssl: { ca } } };
}

async function answer(
  what: string,
  probe: () => Promise<void>,
  note: Note,
  timeoutMs: number,
): Promise<void> {
  let attempts = 0;
  const tried = async () => {
    attempts += 1;
    if (attempts === 2) note(`waiting for ${what} ...`);
    await probe();
  };
  try {
    await until(what, tried, { timeoutMs, everyMs: PROBE_EVERY_MS });
  } catch (error) {
    throw new Unavailable('not-ready', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
