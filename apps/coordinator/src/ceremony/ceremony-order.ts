/** What a ceremony is ordered with, and how the nodes are told (threshold-ecdsa.md 1.4 and 1.5). */
import { type Participant, type SessionStart, type SuiteId } from '@quorate/threshold';
import { type CeremonyStart } from '../ports/node-link.port';

/** A node in its place in a key. */
export interface Member {
  readonly node: string;
  readonly index: number;
}

interface OrderFields {
  readonly suite: SuiteId;
  /** The new one in a reshare. */
  readonly epoch: number;
  /** t of the key; in a reshare of the old epoch. */
  readonly threshold: number;
  /** n of the key; in a reshare of the old epoch. */
  readonly parties: number;
  /** Who takes part. */
  readonly members: readonly Member[];
  /** 0: for the stock; 1: a request or an operator waits. */
  readonly priority: number;
  /** The order that this ceremony carries out; null for presigning for the stock. */
  readonly orderNonce: string | null;
  /** The operators' signed command, where the nodes ask for one. */
  readonly command?: { readonly bytes: Buffer; readonly signatures: readonly string[] };
}

interface OfKey extends OrderFields {
  /** `k_` + hex. */
  readonly keyId: string;
}

export interface KeygenOrder extends OrderFields {
  readonly purpose: 'dkg';
}

export interface PresignOrder extends OfKey {
  readonly purpose: 'presign' | 'health';
  /** Presignatures to make. */
  readonly batch: number;
}

/** Refresh, reshare or repair: the members are O and N together. */
export interface ReshareOrder extends OfKey {
  readonly purpose: 'reshare';
  readonly oldEpoch: number;
  /** O, ascending. */
  readonly dealers: readonly number[];
  /** N, ascending. */
  readonly receivers: readonly number[];
  readonly newThreshold: number;
}

export interface RekeyOrder extends OfKey {
  readonly purpose: 'rekey';
  /** The new one. */
  readonly pairCounter: number;
}

export type CeremonyOrder = KeygenOrder | PresignOrder | ReshareOrder | RekeyOrder;

/** A member with what the session id needs of it. */
export interface PlacedMember {
  readonly nodeId: string;
  readonly participant: Participant;
}

/** @param notAfter unix seconds */
export function sessionStartOf(
  order: CeremonyOrder,
  members: readonly PlacedMember[],
  notAfter: number,
  rnd: Buffer,
): SessionStart {
  const { suite, epoch, threshold, parties } = order;
  const participants = members.map(({ participant }) => participant);
  const common = { suite, epoch, threshold, parties, participants, notAfter, rnd };
  if (order.purpose === 'dkg') return { ...common, purpose: 'dkg' };
  const keyId = Buffer.from(order.keyId.slice('k_'.length), 'hex');
  switch (order.purpose) {
    case 'presign':
    case 'health':
      return { ...common, purpose: 'presign', keyId, batch: order.batch };
    case 'reshare': {
      const { oldEpoch, dealers, receivers, newThreshold } = order;
      return { ...common, purpose: 'reshare', keyId, oldEpoch, dealers, receivers, newThreshold };
    }
    case 'rekey':
      return { ...common, purpose: 'rekey', keyId, pairCounter: order.pairCounter };
  }
}

/** The message to every member. */
export function startMessageOf(
  order: CeremonyOrder,
  members: readonly PlacedMember[],
  start: SessionStart,
  sessionId: Buffer,
): CeremonyStart {
  return {
    sessionId,
    purpose: order.purpose,
    suite: order.suite,
    keyId: order.purpose === 'dkg' ? '' : order.keyId,
    epoch: order.epoch,
    threshold: order.threshold,
    participants: members.map(({ nodeId, participant: { index, identityKey, bootId } }) => ({
      nodeId,
      index,
      identityKey: Buffer.from(identityKey),
      bootId: Buffer.from(bootId),
    })),
    batch: batchOf(order),
    notAfter: start.notAfter,
    rnd: Buffer.from(start.rnd),
    command: order.command?.bytes ?? Buffer.alloc(0),
    signatures: [...(order.command?.signatures ?? [])],
    priority: order.priority,
    ...(order.purpose === 'reshare' && {
      oldEpoch: order.oldEpoch,
      dealers: [...order.dealers],
      receivers: [...order.receivers],
      newThreshold: order.newThreshold,
    }),
    ...(order.purpose === 'rekey' && { pairCounter: order.pairCounter }),
  };
}

/** Presignatures that the ceremony makes. */
export function batchOf(order: CeremonyOrder): number {
  return order.purpose === 'presign' || order.purpose === 'health' ? order.batch : 0;
}
