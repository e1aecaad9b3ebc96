/**
 * Builds an audit log anew, started by `quorate audit rebuild` with the environment of the auditor. Prints a JSON document
 * with `note` as it goes, and one at the end: what was built, or the error.
 */
import { parseArgs } from 'node:util';
import { kafkaMessageLog } from '@quorate/messaging';
import {
  asQuorateError,
  createLogger,
  databaseConfig,
  exitWithParent,
  identityConfig,
  Invalid,
  kafkaConfig,
  kafkaConnection,
  parseConfig,
  PeerDirectory,
  serviceId,
} from '@quorate/platform';
import { z } from 'zod';
import { openAuditorStore } from '../adapters/auditor-store';
import { LogRebuild } from './rebuild-log';
import { assertForRebuild } from './rebuild-database';

const NOTE_EVERY_MS = 1_000;

const toolConfig = z.object({
  SERVICE_ID: serviceId('auditor'),
  ...kafkaConfig.shape,
  PEERS_FILE: identityConfig.shape.PEERS_FILE,
  REBUILD_DATABASE_URL: databaseConfig.shape.DATABASE_URL,
});

interface Rebuilt {
  readonly logs: { readonly log: number; readonly size: number }[];
  /** Of the tree of `--log` with `--size` leaves, base64. */
  readonly root: string;
}

async function rebuild(log: number, size: number, goOn: boolean): Promise<Rebuilt> {
  const config = parseConfig(toolConfig, process.env);
  const logger = createLogger(`${config.SERVICE_ID}-rebuild`, 'warn', process.stderr);
  const url = config.REBUILD_DATABASE_URL.reveal();
  const lookup = PeerDirectory.load(config.PEERS_FILE).inLog();
  await assertForRebuild(url, goOn);
  const store = await openAuditorStore({ url }, logger);
  const messages = kafkaMessageLog({ ...kafkaConnection(config), clientId: 'auditor-rebuild', logger });
  try {
    const { TOPIC_PREFIX: topicPrefix } = config;
    const anew = new LogRebuild({ messages, store, topicPrefix, lookup, progress: notes() });
    const sizes = await anew.run();
    const root = Buffer.from(await anew.rootAt(log, size)).toString('base64');
    return { logs: [...sizes].map(([number, entries]) => ({ log: number, size: entries })), root };
  } finally {
    await messages.close();
    await store.close();
  }
}

/** Tells how far it is, at most once a second. */
function notes(): (entries: number, of: number) => void {
  let last = Date.now();
  return (entries, of) => {
    if (Date.now() - last < NOTE_EVERY_MS) return;
    last = Date.now();
    print({ note: `${entries} of ${of} entries` });
  };
}

function print(document: object): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

async function main(): Promise<Rebuilt> {
  exitWithParent(() => process.exit(1));
  const { values } = parseArgs({
    options: { log: { type: 'string' }, size: { type: 'string' }, continue: { type: 'boolean' } },
  });
  const [log, size] = [Number(values.log ?? NaN), Number(values.size ?? NaN)];
  if (!Number.isSafeInteger(log) || !Number.isSafeInteger(size))
    throw new Invalid('usage', '--log N --size N [--continue]');
  return rebuild(log, size, values.continue ?? false);
}

main().then(
  (done) => {
    print(done);
    process.exit();
  },
  (error: unknown) => {
    const { code, message } = asQuorateError(error);
    print({ error: { code, message } });
    process.exit(1);
  },
);
