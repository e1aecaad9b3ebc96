import { parseArgs } from 'node:util';
import { kafkaConfig, kafkaConnection, loadConfig, QuorateError } from '@quorate/platform';
import { prepareOwnCluster } from './own-cluster';

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
  const { passwords, quotas } = values;
  await prepareOwnCluster(file, kafkaConnection(loadConfig(kafkaConfig)), { passwords, quotas }, console.log);
}

main().catch((error: unknown) => {
  const isExpected = error instanceof QuorateError || error instanceof RangeError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
