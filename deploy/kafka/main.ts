import { parseArgs } from 'node:util';
import { kafkaConfig, kafkaConnection, loadConfig, QuorateError, readJsonFile } from '@quorate/platform';
import { deploymentFile } from './deployment-file';
import { forgetLogins, keptLogins } from './logins';
import {
  type ClusterAdmin,
  prepareAcls,
  prepareLogins,
  prepareQuotas,
  prepareTopics,
} from './prepare-cluster';

const USAGE = `npm run kafka:prepare -- DEPLOYMENT.json [--passwords FOLDER] [--quotas]

Creates the topics of a deployment on your own Kafka and sets who may do what there. May be run again at any time.
  --passwords FOLDER  gives everybody a SCRAM-SHA-512 password too: one file each in FOLDER, kept when it is there
  --quotas            sets quotas too, also the default quota of users without one of their own

KAFKA_BROKERS, KAFKA_SSL_CA, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE name the cluster and somebody who may create
topics and alter the cluster. docs/own-kafka.md has an example.`;

/** Prepares a cluster of the user's own. */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      passwords: { type: 'string' },
      quotas: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { former, ...deployment } = readJsonFile(file, deploymentFile);
  const connection = kafkaConnection(loadConfig(kafkaConfig));
  const admin: ClusterAdmin = { ...connection, clientId: 'quorate-prepare' };
  const { nodes, coordinators, submitters, auditors, operators, clients, prefix } = deployment;
  const services = [...nodes, ...coordinators, ...submitters, ...auditors];

  await prepareTopics(admin, deployment, console.log);
  console.log('topics: ready');
  if (values.passwords !== undefined) {
    const { present } = keptLogins(values.passwords, [...services, ...operators, ...clients], prefix);
    const passwords = new Map([...present].map(([kid, { password }]) => [kid, password]));
    const { brokers, ssl } = connection;
    await prepareLogins(admin, deployment, { passwords, former, listener: { brokers, ssl } });
    forgetLogins(values.passwords, former);
    console.log(`users: ${passwords.size}, with their passwords in ${values.passwords}`);
  }
  await prepareAcls(admin, deployment, (kid) => former.includes(kid), console.log);
  console.log('access rules: set');
  if (!values.quotas) return;
  const isService = (kid: string) => services.includes(kid) || former.includes(kid);
  await prepareQuotas(admin, deployment, 'user', isService, console.log);
  console.log('quotas: set');
}

main().catch((error: unknown) => {
  const isExpected = error instanceof QuorateError || error instanceof RangeError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
