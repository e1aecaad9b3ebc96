import { randomBytes } from 'node:crypto';
import { type StoreTransaction } from '@quorate/event-store';
import { identityJwk, type PeerDirectory } from '@quorate/platform';
import { fromHex, toHex } from '@quorate/protocol';
import { sessionId } from '@quorate/threshold';
import { type NodeSessions } from '../node-session/node-sessions';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type Ceremony, CEREMONY_TIMEOUT_MS, type Quorum } from './ceremony';
import {
  batchOf,
  type CeremonyOrder,
  type PlacedMember,
  type ReshareOrder,
  sessionStartOf,
  startMessageOf,
} from './ceremony-order';
import { type Progress } from './progress';

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
    const members = this.placed(order);
    if (members === undefined) return undefined;
    const overdueAt = new Date(this.clock.now().getTime() + CEREMONY_TIMEOUT_MS[order.purpose]);
    const start = sessionStartOf(order, members, Math.floor(overdueAt.getTime() / 1000), randomBytes(32));
    const sid = sessionId(start);
    const nodes = order.members.map(({ node }) => node);
    const ceremony: Ceremony = {
      sessionId: toHex(sid),
      purpose: order.purpose,
      status: 'running',
      keyId: order.purpose === 'dkg' ? null : order.keyId,
      orderNonce: order.orderNonce,
      participants: nodes,
      bootIds: Object.fromEntries(
        members.map(({ nodeId, participant }) => [nodeId, toHex(participant.bootId)]),
      ),
      epoch: order.epoch,
      batch: batchOf(order),
      ...(order.purpose === 'reshare' && { quorum: quorumOf(order) }),
      ...(order.purpose === 'rekey' && { pairCounter: order.pairCounter }),
    };
    await this.records.add(tx, ceremony);
    tx.schedule('ceremony', ceremony.sessionId, overdueAt);
    const ceremonyStart = startMessageOf(order, members, start, sid);
    tx.afterCommit(() => {
      for (const node of nodes) this.sessions.send(node, { ceremonyStart });
      this.progress.tell(
        'ceremony',
        ceremony.sessionId,
        'started',
        `${order.purpose} of ${nodes.join(', ')}`,
      );
    });
    return ceremony;
  }

  private placed(order: CeremonyOrder): PlacedMember[] | undefined {
    const found = order.members.map(({ node, index }) => {
      const bootId = this.sessions.readyBootId(node);
      const peer = this.peers.get(node);
      if (bootId === undefined || peer?.role !== 'node') return undefined;
      const identityKey = Buffer.from(identityJwk(peer.publicKey).x, 'base64url');
      return { nodeId: node, participant: { index, identityKey, bootId: fromHex(bootId) } };
    });
    return found.every((entry) => entry !== undefined) ? found : undefined;
  }
}

function quorumOf({ members, receivers, newThreshold }: ReshareOrder): Quorum {
  const participants = members
    .filter(({ index }) => receivers.includes(index))
    .sort((a, b) => a.index - b.index)
    .map(({ node }) => node);
  return { threshold: newThreshold, participants };
}
