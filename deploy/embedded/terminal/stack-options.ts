import { parseArgs } from 'node:util';
import { type StackShape, stackShape } from '../stack/stack-shape';
import { messageOf, StartFailure } from './start-failure';

export const USAGE = `Usage: npm start -- [options]

Starts Kafka, Postgres, a local EVM chain and all of Quorate's services, creates a threshold key, sends one
transaction with it and shows its story. Stays up until Ctrl-C.

Options
  --nodes N          signer nodes, 2 to 16 (3)
  --threshold T      how many of them sign together (2)
  --coordinators N   coordinator replicas, 1 to 8 (1)
  --once             stop after the transaction, with exit status 0
  --help             this text

Environment
  KAFKA_BROKERS, DATABASE_URL, RPC_URLS
      use your own Kafka, Postgres (a role that may create roles and databases) or EVM chain instead
  EMBEDDED_KAFKA_PORT (9092), EMBEDDED_POSTGRES_PORT (5433), EMBEDDED_CHAIN_PORT (8545)
  EMBEDDED_GRPC_PORT (50051), EMBEDDED_COORDINATOR_PORT (8081), EMBEDDED_SUBMITTER_PORT (8082)
  EMBEDDED_AUDITOR_PORT (8083), EMBEDDED_NODES_PORT (8091, the first of a row)
      ports on 127.0.0.1
  LOG_LEVEL, STOCK_TARGET, KEY_REFRESH_INTERVAL_HOURS, TOPIC_PREFIX
  KAFKA_SSL_CA, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD
      passed on to the services

The data lies in .quorate/data and serves the next start; npm run reset forgets it.`;

/** What `npm start` was asked for. */
export interface StartRequest {
  shape: StackShape;
  once: boolean;
  help: boolean;
}

/** @throws StartFailure that says what is wrong with the arguments */
export function parseStartArguments(args: string[]): StartRequest {
  const values = parsed(args);
  const nodes = count('--nodes', values.nodes, 2, 16);
  const threshold = count('--threshold', values.threshold, 2, nodes);
  const coordinators = count('--coordinators', values.coordinators, 1, 8);
  return { shape: stackShape(coordinators, nodes, threshold), once: values.once, help: values.help };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        nodes: { type: 'string', default: '3' },
        threshold: { type: 'string', default: '2' },
        coordinators: { type: 'string', default: '1' },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new StartFailure('arguments', messageOf(error), 'npm start -- --help');
  }
}

function count(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new StartFailure('arguments', `${option} must be a number from ${least} to ${most}, it is "${text}"`);
}
