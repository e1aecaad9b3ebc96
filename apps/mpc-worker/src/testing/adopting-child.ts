/**
 * A process of a node that adopts an epoch which a peer shows, and is to be killed: it stands still for ever inside the
 * transaction, or once that is committed, and says so on stdout.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { createEventStore } from '@quorate/event-store';
import { createLogger } from '@quorate/platform';
import { keyStateSchema, toHex, topicNames } from '@quorate/protocol';
import { z } from 'zod';
import { NODE_MIGRATIONS } from '../database/node-migrations';
import { NodeIdentity } from '../identity/node-identity';
import { nodeKeys } from '../key-share/node-keys';
import { ShareSeal } from '../key-share/seal';
import { PolicySource } from '../policy/policy-source';
import { PresignaturePool } from '../presignature-pool/presignature-pool';

/** What the test tells the process, as a JSON file. */
const inputSchema = z.object({
  url: z.string(),
  when: z.enum(['inside', 'committed']),
  nodeId: z.string(),
  /** PEM. */
  identityKey: z.string(),
  sealFile: z.string(),
  policyFile: z.string(),
  /** Node ids by identity key, 0x-hex. */
  nodes: z.record(z.string(), z.string()),
  record: keyStateSchema,
});
export type AdoptingChildInput = z.input<typeof inputSchema>;

function standStill(line: string): void {
  writeSync(1, `${line}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

async function main(): Promise<void> {
  const input = inputSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
  const identity = new NodeIdentity(input.nodeId, createPrivateKey(input.identityKey), topicNames(''));
  const logger = createLogger('child', 'silent');
  const store = await createEventStore({
    ...{ url: input.url, migrations: NODE_MIGRATIONS, logger },
    encodeEvent: (event) => identity.event(event),
  });
  const { keys, adoptions } = nodeKeys({
    ...{ identity, store, logger, pool: new PresignaturePool() },
    seal: ShareSeal.fromFile(input.sealFile),
    policy: new PolicySource(input.policyFile, logger),
    nodeOf: (key) => input.nodes[toHex(key)],
  });
  await keys.load((_, encoded) => encoded.fill(0));
  const activate = keys.activate.bind(keys);
  keys.activate = (share, commandHash, also) =>
    activate(share, commandHash, (tx, epoch) => {
      also(tx, epoch);
      if (input.when === 'inside') standStill(input.when);
    });
  await adoptions.adopt(input.record, 'node-2');
  standStill('committed');
}

void main();
