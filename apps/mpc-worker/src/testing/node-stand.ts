import { type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { createLogger, identityJwk, type Logger } from '@quorate/platform';
import { createTestDatabase } from '../../../../test/integration/database';
import { DatabaseHold } from '../database/database-hold';
import { NODE_MIGRATIONS } from '../database/node-migrations';
import { type KeyRing } from '../key-share/key-ring';
import { nodeKeys, type NodeKeys } from '../key-share/node-keys';
import { ShareSeal } from '../key-share/seal';
import { PolicySource } from '../policy/policy-source';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type TestNode } from './test-nodes';

/** What one node keeps and knows, on a real database: the surroundings of the parts that a test is about. */
export interface NodeStand {
  /** postgres:// URL. */
  readonly url: string;
  readonly store: EventStore;
  readonly hold: DatabaseHold;
  readonly policy: PolicySource;
  readonly logger: Logger;
  /** SEAL_KEY_FILE and POLICY_FILE, for processes that share the database. */
  readonly sealFile: string;
  readonly policyFile: string;
  /** Lines that were logged, JSON. */
  readonly logged: readonly string[];
  /** The keys of a process that starts now, whose presignatures are in this pool. */
  newKeys(pool?: PresignaturePool): NodeKeys;
  newKeyRing(): KeyRing;
  close(): Promise<void>;
}

/**
 * @param nodes all nodes, pinned in PEERS_FILE
 * @param client public key of the requester `alice`, for whom the policy allows everything
 * @param content of another POLICY_FILE
 */
export async function openNodeStand(
  { identity }: TestNode,
  nodes: readonly TestNode[],
  client: KeyObject,
  content: object = policyFor(client),
): Promise<NodeStand> {
  const logged: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void logged.push(line) });
  const folder = mkdtempSync(join(tmpdir(), 'quorate-node-'));
  const [policyFile, sealFile] = [join(folder, 'policy.json'), join(folder, 'seal.key')];
  writeFileSync(sealFile, 'ab'.repeat(32), { mode: 0o600 });
  writeFileSync(policyFile, JSON.stringify(content));
  const policy = new PolicySource(policyFile, logger);
  const database = await createTestDatabase();
  const store = await createEventStore({
    url: database.url,
    migrations: NODE_MIGRATIONS,
    encodeEvent: (event) => identity.event(event),
    logger,
  });
  const failed = (error: Error): void => void logged.push(String(error));
  const hold = await DatabaseHold.take(database.url, identity.nodeId, identity.bootId, failed, logger);
  const seal = ShareSeal.fromFile(sealFile);
  const nodeOf = (key: Buffer) => nodes.find(({ publicKey }) => publicKey.equals(key))?.identity.nodeId;
  const newKeys = (pool = new PresignaturePool()): NodeKeys =>
    nodeKeys({ identity, store, seal, nodeOf, policy, pool, logger });
  return {
    ...{ url: database.url, store, hold, policy, logger, logged, sealFile, policyFile, newKeys },
    newKeyRing: () => newKeys().keys,
    close: async () => {
      policy.close();
      await hold.release();
      await store.close();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

function policyFor(client: KeyObject): object {
  const publicKey = identityJwk(client);
  return {
    version: 1,
    operators: { required: 1, keys: [{ kid: 'operator', publicKey }] },
    requesters: [
      {
        ...{ kid: 'alice', publicKey, role: 'client', keys: ['*'], paths: ['*'] },
        ...{ payloadKinds: ['eip191', 'bytes'], chains: ['*'] },
      },
    ],
  };
}
