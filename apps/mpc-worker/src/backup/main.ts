/**
 * Backup and restore of one node's shares, started by `quorate node` with the environment of the node. Prints one JSON
 * document: what was done, or the error.
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createEventStore } from '@quorate/event-store';
import { kafkaMessageLog } from '@quorate/messaging';
import {
  asQuorateError,
  createLogger,
  Invalid,
  kafkaConnection,
  loadIdentityKey,
  parseConfig,
  PeerDirectory,
  publicKeyBytes,
} from '@quorate/platform';
import { streams, topicNames } from '@quorate/protocol';
import { nodeConfig } from '../config';
import { DatabaseHold } from '../database/database-hold';
import { NODE_MIGRATIONS } from '../database/node-migrations';
import { reportedLedgerCount } from '../heartbeat/heartbeat';
import { NodeIdentity } from '../identity/node-identity';
import { KeyShareStore } from '../key-share/key-share-store';
import { PairStore } from '../key-share/pair-store';
import { ShareSeal } from '../key-share/seal';
import { openBackup, readRecoveryKey, sealBackup } from './backup-file';
import { collectShares } from './collect-shares';
import { proveBackup, restoreShares } from './restore-shares';
import { shownKeys } from './shown-keys';

const STOP_WAIT_MS = 120_000;
const STOP_LOOK_MS = 100;

const toolConfig = nodeConfig.pick({
  ...{ NODE_ID: true, DATABASE_URL: true, SEAL_KEY_FILE: true, IDENTITY_KEY_FILE: true, PEERS_FILE: true },
  ...{ KAFKA_BROKERS: true, KAFKA_SSL_CA: true, KAFKA_SASL_USERNAME: true, KAFKA_SASL_PASSWORD: true },
  ...{ TOPIC_PREFIX: true, DATABASE_MIGRATION_URL: true },
});

/** Opens what both tools need, for the time of `use`. */
async function withNode<T>(use: (node: Awaited<ReturnType<typeof openNode>>) => Promise<T>): Promise<T> {
  const node = await openNode();
  try {
    return await use(node);
  } finally {
    await node.store.close();
  }
}

async function openNode() {
  const config = parseConfig(toolConfig, process.env);
  const logger = createLogger(config.NODE_ID, 'warn', process.stderr);
  const identityKey = loadIdentityKey(config.IDENTITY_KEY_FILE);
  const identity = new NodeIdentity(config.NODE_ID, identityKey, topicNames(config.TOPIC_PREFIX));
  const seal = ShareSeal.fromFile(config.SEAL_KEY_FILE);
  const store = await createEventStore({
    url: config.DATABASE_URL.reveal(),
    migrationUrl: config.DATABASE_MIGRATION_URL?.reveal(),
    migrations: NODE_MIGRATIONS,
    encodeEvent: (event) => identity.event(event),
    logger,
  });
  const shares = new KeyShareStore(store, seal, identity.nodeId);
  return { config, logger, identity, identityKey, store, shares };
}

function backup(recoveryKeyFile: string, out: string): Promise<object> {
  const recoveryKey = readRecoveryKey(recoveryKeyFile, 'public');
  return withNode(async ({ identity, store, shares }) => {
    const saved = await collectShares(shares);
    const node = identity.nodeId;
    const createdAt = new Date().toISOString();
    const content = await sealBackup({ node, createdAt, shares: saved }, recoveryKey);
    for (const { encoded } of saved) encoded.fill(0);
    const keys = saved.map(({ keyId, epoch }) => ({ keyId, epoch }));
    // The audit log knows of a copy before the copy exists.
    await store.transaction(async (tx) =>
      tx.appendNext(streams.nodeItself(node), [
        {
          type: 'quorate.node.backed-up.v1',
          data: { node, keys },
          correlationId: node,
          causationId: node,
        },
      ]),
    );
    writeFileSync(out, content, { mode: 0o600, flag: 'wx' });
    return { node, file: out, keys };
  });
}

function restore(recoveryKeyFile: string, from: string): Promise<object> {
  const recoveryKey = readRecoveryKey(recoveryKeyFile, 'private');
  return withNode(async ({ config, logger, identity, identityKey, store, shares }) => {
    const saved = await openBackup(readFileSync(from), recoveryKey);
    const keys = saved.shares.map(({ keyId, epoch }) => ({ keyId, epoch }));
    const peers = PeerDirectory.load(config.PEERS_FILE);
    const nodeOf = (key: Buffer): string | undefined =>
      peers.ownerOf('node', (known) => publicKeyBytes(known).equals(key));
    const ownKey = createPublicKey(identityKey);
    const log = kafkaMessageLog({ ...kafkaConnection(config), clientId: identity.nodeId, logger });
    const groups = `${config.TOPIC_PREFIX}${identity.nodeId}/restore-${identity.bootIdHex}`;
    try {
      const proven = proveBackup(saved, {
        node: identity.nodeId,
        identityKey: publicKeyBytes(ownKey),
        isPinned: (key) => nodeOf(key) !== undefined,
        shownKeys: await shownKeys(log, groups, identity, peers, nodeOf, logger),
      });
      const hold = await holdDatabase(config.DATABASE_URL.reveal(), identity, logger);
      // The node signs no more: this is the last count that it reported.
      const reported = await reportedLedgerCount(
        log,
        identity,
        peers.everyKeyOf(identity.nodeId),
        `${groups}-ledger`,
      );
      await restoreShares(proven, reported, { store, shares, pairs: new PairStore(shares) });
      await hold.release();
    } finally {
      await log.close();
    }
    return { node: identity.nodeId, keys };
  });
}

/** Waits until the node's process has ended, and keeps another from starting. */
async function holdDatabase(
  url: string,
  identity: NodeIdentity,
  logger: ReturnType<typeof createLogger>,
): Promise<DatabaseHold> {
  const lost = (error: Error): void => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  };
  for (const deadline = Date.now() + STOP_WAIT_MS; ;) {
    try {
      return await DatabaseHold.take(url, identity.nodeId, identity.bootId, lost, logger);
    } catch (error) {
      if (asQuorateError(error).code !== 'node-runs-already' || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, STOP_LOOK_MS));
    }
  }
}

async function main(): Promise<object> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      'recovery-key': { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string' },
    },
  });
  const { 'recovery-key': recoveryKey, out, from } = values;
  const [command] = positionals;
  if (recoveryKey !== undefined && command === 'backup' && out !== undefined) return backup(recoveryKey, out);
  if (recoveryKey !== undefined && command === 'restore' && from !== undefined)
    return restore(recoveryKey, from);
  throw new Invalid(
    'usage',
    'backup --recovery-key FILE --out FILE, or restore --recovery-key FILE --from FILE',
  );
}

main().then(
  (done) => {
    process.stdout.write(`${JSON.stringify(done)}\n`);
    process.exit();
  },
  (error: unknown) => {
    const { code, message } = asQuorateError(error);
    process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    process.exit(1);
  },
);
