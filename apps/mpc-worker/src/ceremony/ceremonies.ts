import { type DurableHalts } from '@quorate/halts';
import { asQuorateError, Refused, Unavailable } from '@quorate/platform';
import { FRAME_TYPES, parseFrame } from '@quorate/threshold';
import { type DatabaseHold } from '../database/database-hold';
import { type EpochChange } from '../key-share/adoption';
import { type KeyEpoch, keyIdText } from '../key-share/key-epoch';
import { type Pair } from '../key-share/pair-store';
import { type PeerRegistry } from '../peer-registry/peer-registry';
import { type PolicySource } from '../policy/policy-source';
import { type RoundInbox } from '../round-inbox/round-inbox';
import { failed } from './ceremony-ended';
import { type CeremonyOrder } from './ceremony-order';
import { CeremonyResults, type ResultParts, type RevivedPair } from './ceremony-results';
import { checkMembers } from './check-order';
import { JoinedSessions } from './join-once';
import { OrderAdmission } from './order-admission';
import { type ProtocolThread } from './protocol-thread';
import {
  isOfPair,
  type ReportParts,
  RunningCeremonies,
  type RunningCeremony,
  usesPair,
} from './running-ceremonies';
import { type SessionStep, type Verdict } from './thread-messages';
import { untilAvailable } from './until-available';

const MAX_RUNNING = 16;
const BOOT_RECORD_WAIT_MS = 2_000;

/** What a ceremony needs of the rest of the node. */
export interface CeremonyParts extends ResultParts, ReportParts {
  readonly hold: DatabaseHold;
  readonly peers: PeerRegistry;
  readonly inbox: RoundInbox;
  readonly policy: PolicySource;
  readonly halts: DurableHalts;
  readonly identityOf: (nodeId: string) => Buffer | undefined;
}

/**
 * The ceremonies this node takes part in. Each order is checked against the node's own configuration; the protocol
 * itself runs in the protocol thread; what it produces is stored before anything of it leaves.
 */
export class Ceremonies {
  private readonly running: RunningCeremonies;
  private readonly joined = new JoinedSessions();
  private readonly admission: OrderAdmission;
  private readonly results: CeremonyResults;
  private thread: ProtocolThread | undefined;

  constructor(private readonly parts: CeremonyParts) {
    this.running = new RunningCeremonies(parts, (sessionId) => this.post({ kind: 'abort', sessionId }));
    this.admission = new OrderAdmission(parts);
    this.results = new CeremonyResults(parts);
  }

  attach(thread: ProtocolThread): void {
    this.thread = thread;
  }

  /**
   * Joins the ceremony, which fails at once when round messages of it came too early and were dropped. Throws Refused with
   * what this node does not agree to.
   */
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
    const { start, former } = await this.admission.admit(order, now);
    const others = order.members.filter((member) => member.nodeId !== identity.nodeId);
    const bootIds = new Map(others.map((member) => [member.nodeId, member.bootId]));
    await peers.awaitBoots(bootIds, BOOT_RECORD_WAIT_MS);
    // Nothing is awaited from here on, so that no restart goes unseen: a later one abandons the session.
    if (!peers.haveBooted(bootIds)) {
      throw new Refused('config', 'a boot id differs from the node record of its member');
    }
    if (this.running.size >= MAX_RUNNING)
      throw new Unavailable('busy', 'too many ceremonies are running here');
    if (!this.hasRoomFor(order)) throw new Unavailable('full', 'no room for more presignatures here');
    if (!this.joined.join(sessionId, order.notAfter, now))
      throw new Refused('config', 'the session was joined before, or ended before one that was');
    this.running.begin(sessionId, order, index);
    if (order.purpose === 'health') this.parts.health.begin(order);
    const { frames, incompleteFrom } = inbox.release(sessionId);
    if (others.some(({ nodeId }) => incompleteFrom.includes(nodeId))) {
      this.running.fail(sessionId, failed('TIMEOUT', 'messages-dropped'));
      return;
    }
    this.post({
      ...{ kind: 'start', start, index },
      ...(order.keyId !== '' && { keyId: order.keyId }),
      ...(former && { former }),
    });
    for (const frame of frames) this.post({ kind: 'frame', sessionId, frame });
  }

  /** Whether the pool can take what the order and those under way will bring. */
  private hasRoomFor({ purpose, batch }: CeremonyOrder): boolean {
    if (purpose !== 'presign') return true;
    return this.parts.pool.hasRoomFor(this.running.batches + batch);
  }

  /** Gives a frame to its session; false when the session is not known here. */
  receive(sessionId: string, frame: Buffer): boolean {
    this.lookForAnnouncement(frame);
    if (this.parts.health.receive(sessionId, frame)) return true;
    if (!this.running.has(sessionId)) return this.joined.has(sessionId);
    this.post({ kind: 'frame', sessionId, frame });
    return true;
  }

  /** A member was restarted: its sessions are gone with its memory. */
  abandonSessionsWith(node: string): void {
    this.running.failWhere(
      ({ order }) => order.members.some((member) => member.nodeId === node),
      failed('TIMEOUT', 'member-restarted'),
    );
  }

  /** One step of the protocol thread: store, send, then look at the outcome. */
  async step(step: SessionStep): Promise<void> {
    const ceremony = this.running.get(step.sessionId);
    if (ceremony === undefined) return;
    try {
      await this.parts.hold.whenHeld();
      await this.carryOut(step, ceremony);
    } catch (error) {
      const { kind, code } = asQuorateError(error);
      if (kind === 'unavailable') this.running.fail(step.sessionId, failed('TIMEOUT', 'dependency-away'));
      else if (kind === 'refused') this.running.fail(step.sessionId, failed('CONFIG', code));
      else throw error;
    }
  }

  /** A pair failed a check: nothing else happens in the protocol thread until this is stored. */
  async verdict({ sessionId, keyId, epoch, peer }: Verdict): Promise<void> {
    const { pairs, pool, logger } = this.parts;
    const pair = { keyId, epoch, peer };
    logger.error({ sessionId, ...pair }, 'pair dead: a consistency check of the peer failed');
    const condemned = { ...pair, sessionId: Buffer.from(sessionId, 'hex') };
    await untilAvailable(logger, () => pairs.kill(condemned), Number.MAX_SAFE_INTEGER);
    pool.discard((batch) => isOfPair(batch, pair) && batch.committeeIndices.includes(peer));
    this.running.failWhere(
      (ceremony, id) => id !== sessionId && usesPair(ceremony, pair),
      failed('BAN', 'pair-dead', peer),
    );
    this.post({ kind: 'kill-pair', ...pair });
  }

  /** The peer uses the new state of a pair, so this node does, too. */
  async pairAnnounced({ keyId, epoch, peer }: Pair): Promise<void> {
    const { pairs, logger } = this.parts;
    const pair = { keyId, epoch, peer };
    if (!pairs.isAwaited(pair)) return;
    const revive = () => pairs.revive(pair, () => undefined);
    const encoded = await untilAvailable(logger, revive, Number.MAX_SAFE_INTEGER);
    this.pairRevived({ pair, encoded });
  }

  /** The node is in a new epoch of a key: nothing of a former one goes on in the protocol thread. */
  epochChanged({ epoch: key, encoded }: EpochChange): void {
    const { keyId, epoch } = key;
    this.concludeBy(key);
    this.running.failWhere(
      ({ order }) =>
        order.keyId === keyId && (order.purpose === 'reshare' ? order.epoch <= epoch : order.epoch < epoch),
      failed('CONFIG', 'new-epoch'),
    );
    if (encoded !== undefined) this.loadShare(keyId, encoded);
    else if (this.parts.keys.statusOf(keyId) !== 'active') this.post({ kind: 'drop-share', keyId });
  }

  /** The key is retired: no presigning of it ends, and what was presigned is wiped. */
  keyRetired(keyId: string): void {
    this.running.failWhere(({ order }) => order.keyId === keyId, failed('CONFIG', 'key-retired'));
    this.parts.pool.discard((batch) => batch.keyId === keyId);
    this.post({ kind: 'drop-share', keyId });
  }

  /** Hands the share of a key to the protocol thread; `encoded` is wiped. */
  loadShare(keyId: string, encoded: Buffer): void {
    const deadPeers = [...this.parts.pairs.deadPeersOf(keyId)];
    this.post({ kind: 'load-share', keyId, share: encoded, deadPeers });
    encoded.fill(0);
  }

  /** Hands a confirmed re-key, which the peer may use, to the protocol thread; `encoded` is wiped. */
  awaitPair(pair: Pair, encoded: Buffer): void {
    this.post({ kind: 'await-pair', ...pair, share: encoded });
    encoded.fill(0);
  }

  stop(): void {
    this.running.stop();
  }

  private async carryOut(step: SessionStep, ceremony: RunningCeremony): Promise<void> {
    const { order, index } = ceremony;
    const { sessionId, dropped, pending, outgoing, outcome } = step;
    if (dropped !== undefined) this.parts.logger.debug({ sessionId, dropped }, 'round message dropped');
    if (pending !== undefined) {
      const encoded = Buffer.from(pending.buffer, pending.byteOffset, pending.byteLength);
      try {
        const pair = await this.results.storePending(order, index, encoded);
        if (pair !== undefined) this.awaitPair(pair, encoded);
      } finally {
        encoded.fill(0);
      }
    }
    if (outgoing.length > 0) await this.send(sessionId, order, outgoing);
    if (outcome === undefined) return;
    if (outcome.kind === 'failure') {
      this.running.fail(sessionId, { outcome: 'failed', failure: outcome.failure });
      return;
    }
    // What ended meanwhile gives no signatures: its key may be retired, a member restarted. Shares stand by their certificate.
    if ('batch' in outcome && this.running.get(sessionId) !== ceremony) {
      outcome.batch.fill(0);
      return;
    }
    // It is over: what ends other sessions of the key does not end this one.
    this.running.forget(sessionId);
    const { report, change, revived } = await this.results.conclude(order, index, outcome, (result) =>
      this.running.report(order, result),
    );
    if (change !== undefined) this.epochChanged(change);
    if (revived !== undefined) this.pairRevived(revived);
    if (report !== undefined) this.running.report(order, report);
  }

  /** The session of a certificate that a peer showed before this node had all its messages: it ended well. */
  private concludeBy(key: KeyEpoch): void {
    const sessionId = key.certificate.sid.toString('hex');
    const ceremony = this.running.get(sessionId);
    if (ceremony === undefined) return;
    this.running.forget(sessionId);
    this.post({ kind: 'abort', sessionId });
    this.running.report(ceremony.order, { outcome: 'ok', key });
  }

  /** Sessions with the old state of the pair would fail, and it is wiped. */
  private pairRevived({ pair, encoded }: RevivedPair): void {
    this.running.failWhere((ceremony) => usesPair(ceremony, pair), failed('CONFIG', 'pair-rekeyed'));
    if (encoded === undefined) return;
    this.post({ kind: 'revive-pair', ...pair, share: encoded });
    encoded.fill(0);
  }

  /** A presigning that the peer begins with the new state of a pair, while this node waits for that. */
  private lookForAnnouncement(bytes: Buffer): void {
    const { pairs } = this.parts;
    if (!pairs.isAnyAwaited()) return;
    const frame = parseFrame(bytes);
    if (frame === undefined || frame.type !== FRAME_TYPES.presign || frame.round !== 1) return;
    const pair = { keyId: keyIdText(frame.keyId), epoch: frame.epoch, peer: frame.from };
    if (pairs.isAwaited(pair)) this.post({ kind: 'announcement', ...pair, frame: bytes });
  }

  private async send(
    sessionId: string,
    { members, notAfter }: CeremonyOrder,
    outgoing: SessionStep['outgoing'],
  ): Promise<void> {
    const { identity, inbox, logger } = this.parts;
    const nodeOf = new Map(members.map((member) => [member.index, member.nodeId]));
    const others = members.map((member) => member.nodeId).filter((node) => node !== identity.nodeId);
    const frames = outgoing.map(({ to, frame }) => ({
      receivers: to === 'all' ? others : [nodeOf.get(to)].filter((node) => node !== undefined),
      frame,
    }));
    await untilAvailable(logger, () => inbox.send(sessionId, frames), notAfter);
  }

  private post(message: Parameters<ProtocolThread['post']>[0]): void {
    this.thread?.post(message);
  }
}
