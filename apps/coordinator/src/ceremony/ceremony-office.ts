import { randomBytes } from 'node:crypto';
import { type StoreTransaction } from '@quorate/event-store';
import { identityJwk, type PeerDirectory } from '@quorate/platform';
import { fromHex, toHex } from '@quorate/protocol';
import { type Participant, sessionId, type SessionStart } from '@quorate/threshold';
import { type NodeSessions } from '../node-session/node-sessions';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type CeremonyStart } from '../ports/node-link.port';
import { type Ceremony, CEREMONY_TIMEOUT_MS, type CeremonyPurpose } from './ceremony';
import { type Progress } from './progress';

export interface CeremonyOrder {
  readonly purpose: CeremonyPurpose;
  /** `k_` + hex; null in key generation. */
  readonly keyId: string | null;
  readonly epoch: number;
  readonly threshold: number;
  /** All nodes of the key in order of index, from 1. */
  readonly keyParticipants: readonly string[];
  /** Who takes part; in key generation all of them. */
  readonly members: readonly string[];
  /** Presignatures to make; 0 in key generation. */
  readonly batch: number;
  /** 0: for the stock; 1: a request or an operator waits. */
  readonly priority: number;
  /** The operators' command that asks for it. */
  readonly command?: {
    readonly nonce: string;
    readonly bytes: Buffer;
    readonly signatures: readonly string[];
  };
}

const SUITE = 1;

/** Orders ceremonies: computes the session, records it, and tells its members after the commit. */
export class CeremonyOffice {
  constructor(
    private readonly records: CeremonyRecords,
    private readonly sessions: NodeSessions,
    private readonly peers: PeerDirectory,
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {}

  /** @returns undefined when a member is not ready for new work */
  async order(tx: StoreTransaction, order: CeremonyOrder): Promise<Ceremony | undefined> {
    const participants = this.participantsOf(order);
    if (participants === undefined) return undefined;
    const timeout = CEREMONY_TIMEOUT_MS[order.purpose];
    const overdueAt = new Date(this.clock.now().getTime() + timeout);
    const start = sessionStart(
      order,
      participants.map((entry) => entry.participant),
      overdueAt,
    );
    const sid = sessionId(start);
    const ceremony: Ceremony = {
      sessionId: toHex(sid),
      purpose: order.purpose,
      status: 'running',
      keyId: order.keyId,
      orderNonce: order.command?.nonce ?? null,
      participants: order.members,
      bootIds: Object.fromEntries(
        participants.map(({ nodeId, participant }) => [nodeId, toHex(participant.bootId)]),
      ),
      epoch: order.epoch,
      batch: order.batch,
    };
    await this.records.add(tx, ceremony);
    tx.schedule('ceremony', ceremony.sessionId, overdueAt);
    const message: CeremonyStart = {
      sessionId: sid,
      purpose: order.purpose,
      suite: SUITE,
      keyId: order.keyId ?? '',
      epoch: order.epoch,
      threshold: order.threshold,
      participants: participants.map(({ nodeId, participant }) => ({
        nodeId,
        index: participant.index,
        identityKey: Buffer.from(participant.identityKey),
        bootId: Buffer.from(participant.bootId),
      })),
      batch: order.batch,
      notAfter: start.notAfter,
      rnd: Buffer.from(start.rnd),
      command: order.command?.bytes ?? Buffer.alloc(0),
      signatures: [...(order.command?.signatures ?? [])],
      priority: order.priority,
    };
    tx.afterCommit(() => {
      for (const node of order.members) this.sessions.send(node, { ceremonyStart: message });
      this.progress.tell(
        'ceremony',
        ceremony.sessionId,
        'started',
        `${order.purpose} of ${order.members.join(', ')}`,
      );
    });
    return ceremony;
  }

  private participantsOf(order: CeremonyOrder): { nodeId: string; participant: Participant }[] | undefined {
    const found = order.members.map((nodeId) => {
      const bootId = this.sessions.readyBootId(nodeId);
      const peer = this.peers.get(nodeId);
      if (bootId === undefined || peer?.role !== 'node') return undefined;
      const identityKey = Buffer.from(identityJwk(peer.publicKey).x, 'base64url');
      const index = order.keyParticipants.indexOf(nodeId) + 1;
      return { nodeId, participant: { index, identityKey, bootId: fromHex(bootId) } };
    });
    return found.every((entry) => entry !== undefined) ? found : undefined;
  }
}

function sessionStart(order: CeremonyOrder, participants: Participant[], overdueAt: Date): SessionStart {
  const common = {
    suite: SUITE,
    epoch: order.epoch,
    threshold: order.threshold,
    parties: order.keyParticipants.length,
    participants,
    notAfter: Math.floor(overdueAt.getTime() / 1000),
    rnd: randomBytes(32),
  } as const;
  if (order.keyId === null) return { ...common, purpose: 'dkg' };
  const keyId = Buffer.from(order.keyId.slice('k_'.length), 'hex');
  return { ...common, purpose: 'presign', keyId, batch: order.batch };
}
