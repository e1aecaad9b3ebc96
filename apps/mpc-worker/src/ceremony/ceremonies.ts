import { type EventStore } from '@quorate/event-store';
import { describeHalt, type DurableHalts } from '@quorate/halts';
import { asQuorateError, type Logger, Refused, Unavailable } from '@quorate/platform';
import {
  decodeNonceBatch,
  decodePresignatureBatch,
  type FailureClass,
  InvalidInput,
  type NonceBatch,
  type PresignatureBatch,
  wipeKeyShare,
} from '@quorate/threshold';
import { type DatabaseHold } from '../database/database-hold';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyRing } from '../key-share/key-ring';
import { keyIdText } from '../key-share/held-key';
import { decodePendingShare, decodeShare } from '../key-share/share-codec';
import { type PeerRegistry } from '../peer-registry/peer-registry';
import { type PolicySource } from '../policy/policy-source';
import { type PresignaturePool, type StockedBatch } from '../presignature-pool/presignature-pool';
import { type RoundInbox } from '../round-inbox/round-inbox';
import { type CeremonyOrder, commandHashOf } from './ceremony-order';
import { ceremonyEnded, type CeremonyResult, type FailedResult } from './ceremony-ended';
import { checkKeygenOrder, checkMembers, checkPresignOrder } from './check-order';
import { type HealthChecks } from './health-check';
import { JoinedSessions } from './join-once';
import { type ProtocolThread } from './protocol-thread';
import { type PairId, type SessionStep, type Verdict } from './thread-messages';

const MAX_RUNNING = 16;
const BOOT_RECORD_WAIT_MS = 2_000;
const SEND_RETRY_MS = 200;

interface RunningCeremony {
  readonly order: CeremonyOrder;
  readonly index: number;
  readonly timeout: NodeJS.Timeout;
}

/** What is known of a batch besides its secrets. */
export type StockFacts = Pick<StockedBatch, 'keyId' | 'epoch' | 'committee' | 'committeeIndices' | 'bootIds'>;

/** What a ceremony needs of the rest of the node. */
export interface CeremonyParts {
  readonly identity: NodeIdentity;
  readonly store: EventStore;
  readonly hold: DatabaseHold;
  readonly keys: KeyRing;
  readonly pool: PresignaturePool;
  /** Takes the nonces of a Schnorr key's committee over: they are in memory only, and wiped by their owner. */
  readonly stockNonces: (batch: NonceBatch, facts: StockFacts) => void;
  readonly peers: PeerRegistry;
  readonly inbox: RoundInbox;
  readonly policy: PolicySource;
  readonly halts: DurableHalts;
  readonly health: HealthChecks;
  readonly identityOf: (nodeId: string) => Buffer | undefined;
  readonly logger: Logger;
}

/**
 * The ceremonies this node takes part in. Each order is checked against the node's own configuration; the protocol
 * itself runs in the protocol thread; what it produces is stored before anything of it leaves.
 */
export class Ceremonies {
  private readonly running = new Map<string, RunningCeremony>();
  private readonly joined = new JoinedSessions();
  private thread: ProtocolThread | undefined;

  constructor(private readonly parts: CeremonyParts) {}

  attach(thread: ProtocolThread): void {
    this.thread = thread;
  }

  /** Joins the ceremony. Throws Refused with what this node does not agree to. */
  async join(order: CeremonyOrder): Promise<void> {
    const { identity, peers, inbox } = this.parts;
    const sessionId = order.sessionId.toString('hex');
    const now = Math.floor(Date.now() / 1000);
    const { index } = checkMembers(order, {
      ...this.parts,
      nodeId: identity.nodeId,
      bootId: identity.bootId,
      now,
    });
    const start = await this.check(order, now);
    const others = order.members.filter((member) => member.nodeId !== identity.nodeId);
    const bootIds = new Map(others.map((member) => [member.nodeId, member.bootId]));
    if (!(await peers.haveBooted(bootIds, BOOT_RECORD_WAIT_MS))) {
      throw new Refused('config', 'a boot id differs from the node record of its member');
    }
    if (this.running.size >= MAX_RUNNING)
      throw new Unavailable('busy', 'too many ceremonies are running here');
    if (!this.joined.join(sessionId, order.notAfter, now))
      throw new Refused('config', 'the session was joined before');
    const timeout = setTimeout(
      () => this.end(sessionId, failed('TIMEOUT', 'notAfter')),
      order.notAfter * 1000 - Date.now(),
    );
    this.running.set(sessionId, { order, index, timeout });
    this.post({ kind: 'start', start, index, ...(order.keyId !== '' && { keyId: order.keyId }) });
    for (const frame of inbox.release(sessionId)) this.post({ kind: 'frame', sessionId, frame });
  }

  /** Gives a frame to its session; false when the session is not known here. */
  receive(sessionId: string, frame: Buffer): boolean {
    if (this.parts.health.receive(sessionId, frame)) return true;
    if (!this.running.has(sessionId)) return this.joined.has(sessionId);
    this.post({ kind: 'frame', sessionId, frame });
    return true;
  }

  /** A member was restarted: its sessions are gone with its memory. */
  abandonSessionsWith(node: string): void {
    for (const [sessionId, { order }] of this.running) {
      if (order.members.some((member) => member.nodeId === node)) {
        this.end(sessionId, failed('TIMEOUT', 'member-restarted'));
      }
    }
  }

  /** One step of the protocol thread: store, send, then look at the outcome. */
  async step(step: SessionStep): Promise<void> {
    const ceremony = this.running.get(step.sessionId);
    if (ceremony === undefined) return;
    try {
      await this.parts.hold.whenHeld();
      await this.carryOut(step, ceremony);
    } catch (error) {
      if (asQuorateError(error).kind !== 'unavailable') throw error;
      this.end(step.sessionId, failed('TIMEOUT', 'dependency-away'));
    }
  }

  private async carryOut(step: SessionStep, ceremony: RunningCeremony): Promise<void> {
    const { order } = ceremony;
    if (step.dropped !== undefined) {
      this.parts.logger.debug({ sessionId: step.sessionId, dropped: step.dropped }, 'round message dropped');
    }
    if (step.pending !== undefined) await this.storePending(order, Buffer.from(step.pending));
    if (step.outgoing.length > 0) await this.send(step.sessionId, ceremony, step.outgoing);
    const { outcome } = step;
    if (outcome === undefined) return;
    switch (outcome.kind) {
      case 'failure':
        this.end(step.sessionId, { outcome: 'failed', failure: outcome.failure });
        return;
      case 'share':
        await this.keyGenerated(step.sessionId, order, bytesOf(outcome.share));
        return;
      case 'presignatures':
        await this.presigned(step.sessionId, order, decodePresignatureBatch(bytesOf(outcome.batch)));
        return;
      case 'nonces':
        this.noncesMade(step.sessionId, order, decodeNonceBatch(bytesOf(outcome.batch)));
    }
  }

  /** A pair failed a check: nothing else happens in the protocol thread until this is stored. */
  async verdict(verdict: Verdict): Promise<void> {
    const { keys, pool, logger } = this.parts;
    logger.error({ ...verdict }, 'pair dead: a consistency check of the peer failed');
    const sessionId = Buffer.from(verdict.sessionId, 'hex');
    await this.untilAvailable(() => keys.killPair(verdict, sessionId), Number.MAX_SAFE_INTEGER);
    pool.discard(
      (batch) =>
        batch.keyId === verdict.keyId &&
        batch.epoch === verdict.epoch &&
        batch.committeeIndices.includes(verdict.peer),
    );
    for (const [id, { order }] of this.running) {
      const affected =
        id !== verdict.sessionId &&
        order.keyId === verdict.keyId &&
        order.members.some((member) => member.index === verdict.peer);
      if (affected) this.end(id, failed('BAN', 'pair-dead', verdict.peer));
    }
    this.post({ ...pairOf(verdict), kind: 'kill-pair' });
  }

  /** Hands the share of a key to the protocol thread; `encoded` is wiped there. */
  loadShare(keyId: string, encoded: Buffer): void {
    this.post({
      kind: 'load-share',
      keyId,
      share: encoded,
      deadPeers: [...this.parts.keys.deadPeersOf(keyId)],
    });
    encoded.fill(0);
  }

  stop(): void {
    for (const { timeout } of this.running.values()) clearTimeout(timeout);
    this.running.clear();
  }

  private async check(order: CeremonyOrder, now: number) {
    const { keys, policy, halts } = this.parts;
    try {
      if (order.purpose !== 'dkg') {
        const halt = halts.covering({ keyId: order.keyId, requesters: [] });
        if (halt !== undefined) throw new Refused('halted', describeHalt(halt));
        const key = keys.get(order.keyId);
        const start = checkPresignOrder(order, key, keys.deadPeersOf(order.keyId));
        if (order.purpose === 'health') await this.parts.health.admit(order);
        return start;
      }
      const start = checkKeygenOrder(order, policy.current(), now);
      if (await keys.isCommandUsed(commandHashOf(order.command))) {
        throw new Refused('operator', 'a key was created with this command before: sign a new one');
      }
      return start;
    } catch (error) {
      if (error instanceof InvalidInput) throw new Refused('config', error.message);
      throw error;
    }
  }

  private async storePending(order: CeremonyOrder, encoded: Buffer): Promise<void> {
    const pending = decodePendingShare(encoded);
    const { keyId, epoch } = pending;
    wipeKeyShare(pending);
    await this.untilAvailable(
      () =>
        this.parts.keys.savePending({
          sessionId: order.sessionId,
          keyId: keyIdText(keyId),
          epoch,
          encoded,
          commandHash: commandHashOf(order.command),
        }),
      order.notAfter,
    );
    encoded.fill(0);
  }

  private async keyGenerated(sessionId: string, order: CeremonyOrder, encoded: Buffer): Promise<void> {
    const share = decodeShare(encoded);
    const key = await this.untilAvailable(
      () =>
        this.parts.keys.activate(share, commandHashOf(order.command), (tx, held) =>
          tx.publish(ceremonyEnded(this.parts.identity, order, { outcome: 'ok', key: held })),
        ),
      Number.MAX_SAFE_INTEGER,
    );
    wipeKeyShare(share);
    this.loadShare(key.keyId, encoded);
    this.forget(sessionId);
  }

  private async presigned(sessionId: string, order: CeremonyOrder, batch: PresignatureBatch): Promise<void> {
    this.forget(sessionId);
    if (order.purpose === 'health') {
      await this.parts.health.sign(order, batch, (result) => this.report(order, result));
      return;
    }
    this.parts.pool.add(batch, stockFacts(order, batch));
    this.report(order, { outcome: 'ok', batch });
  }

  private noncesMade(sessionId: string, order: CeremonyOrder, nonces: NonceBatch): void {
    this.forget(sessionId);
    this.parts.stockNonces(nonces, stockFacts(order, nonces));
    this.report(order, { outcome: 'ok', nonces });
  }

  private async send(
    sessionId: string,
    { order }: RunningCeremony,
    outgoing: SessionStep['outgoing'],
  ): Promise<void> {
    const self = this.parts.identity.nodeId;
    const nodeOf = new Map(order.members.map((member) => [member.index, member.nodeId]));
    const others = order.members.map((member) => member.nodeId).filter((node) => node !== self);
    const frames = outgoing.map(({ to, frame }) => ({
      receivers: to === 'all' ? others : [nodeOf.get(to)].filter((node) => node !== undefined),
      frame,
    }));
    await this.untilAvailable(() => this.parts.inbox.send(sessionId, frames), order.notAfter);
  }

  private end(sessionId: string, result: FailedResult): void {
    const ceremony = this.running.get(sessionId);
    if (ceremony === undefined) return;
    this.forget(sessionId);
    this.post({ kind: 'abort', sessionId });
    const { failure } = result;
    this.parts.logger.warn(
      { sessionId, purpose: ceremony.order.purpose, class: failure.failureClass, check: failure.check },
      'ceremony failed',
    );
    this.report(ceremony.order, result);
  }

  private report(order: CeremonyOrder, result: CeremonyResult): void {
    const record = ceremonyEnded(this.parts.identity, order, result);
    this.parts.store
      .transaction(async (tx) => tx.publish(record), { durable: false })
      .catch((error: Error) =>
        this.parts.logger.warn({ err: error }, 'the end of a ceremony was not reported'),
      );
  }

  private forget(sessionId: string): void {
    const ceremony = this.running.get(sessionId);
    if (ceremony !== undefined) clearTimeout(ceremony.timeout);
    this.running.delete(sessionId);
  }

  private post(message: Parameters<ProtocolThread['post']>[0]): void {
    this.thread?.post(message);
  }

  /** Tries again while something is down, until the given time (unix seconds). */
  private async untilAvailable<T>(action: () => Promise<T>, until: number): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (asQuorateError(error).kind !== 'unavailable' || Date.now() / 1000 > until) throw error;
        this.parts.logger.warn({ err: error as Error }, 'waiting for a dependency');
        await new Promise((resolve) => setTimeout(resolve, SEND_RETRY_MS));
      }
    }
  }
}

function stockFacts(order: CeremonyOrder, batch: PresignatureBatch | NonceBatch): StockFacts {
  return {
    keyId: order.keyId,
    epoch: batch.epoch,
    committee: order.members.map((member) => member.nodeId),
    committeeIndices: batch.committee,
    bootIds: new Map(order.members.map((member) => [member.nodeId, member.bootId])),
  };
}

function pairOf({ keyId, epoch, peer }: PairId): PairId {
  return { keyId, epoch, peer };
}

/** The bytes that the protocol thread handed over, without a copy. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function failed(failureClass: FailureClass, check: string, accused?: number): FailedResult {
  return {
    outcome: 'failed',
    failure: { failureClass, check, evidence: [], ...(accused !== undefined && { accused }) },
  };
}
