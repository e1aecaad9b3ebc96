import { randomUUID } from 'node:crypto';
import { type DurableHalts } from '@quorate/halts';
import { type LogProducer, type MessageLog, recordsOf } from '@quorate/messaging';
import { Fatal, type Logger } from '@quorate/platform';
import {
  type NodeHeartbeat,
  type NodeHeartbeatInput,
  heartbeatSchema,
  verifyServiceRecord,
} from '@quorate/protocol';
import { type KeyObject } from 'node:crypto';
import { NODE_VERSION, type NodeIdentity } from '../identity/node-identity';
import { type Pairs } from '../key-share/pairs';
import { type PolicySource } from '../policy/policy-source';
import { PresignaturePool } from '../presignature-pool/presignature-pool';

const INTERVAL_MS = 2_000;
/** Halts that one heartbeat tells of. */
const MOST_HALTS = 64;

/** What the node tells of itself every two seconds, signed. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private ledgerCount = 0;

  constructor(
    private readonly identity: NodeIdentity,
    private readonly pairs: Pairs,
    private readonly pool: PresignaturePool,
    private readonly policy: PolicySource,
    private readonly halts: DurableHalts,
    private readonly isReady: () => boolean,
    private readonly logger: Logger,
  ) {}

  /** @param count presignatures spent by commits of this process, or found in the ledger at its start */
  addSpent(count: number): void {
    this.ledgerCount += count;
  }

  start(producer: LogProducer): void {
    const beat = (): void => {
      producer
        .send([
          this.identity.record(
            this.identity.topics.heartbeats,
            'heartbeat',
            this.identity.nodeId,
            this.data(),
          ),
        ])
        .catch((error: Error) => this.logger.warn({ err: error }, 'heartbeat not written'));
    };
    beat();
    this.halts.onChange(beat);
    this.timer = setInterval(beat, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private data(): NodeHeartbeatInput {
    return {
      type: 'quorate.node.heartbeat.v1',
      id: randomUUID(),
      node: this.identity.nodeId,
      bootId: this.identity.bootIdHex,
      version: NODE_VERSION,
      ready: this.isReady(),
      ledgerCount: this.ledgerCount,
      stock: this.stock(),
      deadPairs: this.pairs.deadPairs(),
      policyHash: this.policy.current().hash,
      policyVersion: this.policy.current().policyVersion,
      halts: this.halts.active().slice(0, MOST_HALTS),
      at: new Date().toISOString(),
    };
  }

  private stock(): NodeHeartbeatInput['stock'] {
    const unspent = new Map<string, { keyId: string; committee: string[]; unspent: number }>();
    for (const batch of this.pool.list()) {
      const id = `${batch.keyId}/${batch.committee.join()}`;
      const entry = unspent.get(id) ?? { keyId: batch.keyId, committee: [...batch.committee], unspent: 0 };
      entry.unspent += PresignaturePool.unspentCount(batch);
      unspent.set(id, entry);
    }
    return [...unspent.values()];
  }
}

/**
 * A node whose last signed heartbeat shows a higher ledger count than its own database was restored from a backup or
 * cloned: presignatures it spent would look unspent. It must not start (architecture.md, promise 3).
 *
 * @throws Fatal `ledger-rolled-back`
 */
export async function assertLedgerIsCurrent(
  log: MessageLog,
  identity: NodeIdentity,
  ownKeys: readonly KeyObject[],
  group: string,
  ledgerCount: number,
): Promise<void> {
  const reported = await reportedLedgerCount(log, identity, ownKeys, group);
  if (reported > ledgerCount) {
    throw new Fatal(
      'ledger-rolled-back',
      `this node reported ${reported} spent presignatures before, but its database has ${ledgerCount}: the database was ` +
        'rolled back or cloned. Do not sign with it: use the latest database, restore a backup of the shares into an ' +
        'empty one (quorate node restore), or replace the node.',
    );
  }
}

/**
 * The highest ledger count that this node ever signed; what others wrote in its name counts for nothing.
 *
 * @param ownKeys its identity keys, former ones as well: a rotation makes nothing unsaid
 */
export async function reportedLedgerCount(
  log: MessageLog,
  identity: NodeIdentity,
  ownKeys: readonly KeyObject[],
  group: string,
): Promise<number> {
  let reported = 0;
  const subscription = await log.subscribe({
    topic: identity.topics.heartbeats,
    group,
    start: 'earliest',
    handle: async (batches) => {
      for (const record of recordsOf(batches)) {
        const verified = verifyServiceRecord<NodeHeartbeat>(record, {
          typ: 'heartbeat',
          schema: heartbeatSchema,
          lookup: (kid) => (kid === identity.nodeId ? ownKeys : undefined),
        });
        if (verified.ok) reported = Math.max(reported, verified.data.ledgerCount);
      }
    },
  });
  await subscription.caughtUp();
  await subscription.stop();
  return reported;
}
