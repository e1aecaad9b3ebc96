import { createHash } from 'node:crypto';
import { Refused } from '@quorate/platform';
import { type SessionStart, type SuiteId } from '@quorate/threshold';

export type CeremonyPurpose = 'dkg' | 'presign' | 'health' | 'reshare' | 'rekey';

export interface CeremonyMember {
  readonly nodeId: string;
  readonly index: number;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly identityKey: Buffer;
  /** 16 bytes. */
  readonly bootId: Buffer;
}

/** A ceremony as a coordinator orders it over gRPC: untrusted until every field was checked. */
export interface CeremonyOrder {
  readonly sessionId: Buffer;
  readonly purpose: CeremonyPurpose;
  readonly suite: number;
  /** Empty for key generation. */
  readonly keyId: string;
  /** Of a reshare the new one. */
  readonly epoch: number;
  /** Of a reshare that of the old epoch. */
  readonly threshold: number;
  /** Of a reshare the members of O and N. */
  readonly members: readonly CeremonyMember[];
  readonly batch: number;
  /** Unix seconds. */
  readonly notAfter: number;
  readonly rnd: Buffer;
  /** Exact bytes of the operators' command; empty for presigning, health checks and refreshes. */
  readonly command: Buffer;
  readonly signatures: readonly string[];
  readonly oldEpoch: number;
  /** Indices of O. */
  readonly dealers: readonly number[];
  /** Indices of N. */
  readonly receivers: readonly number[];
  readonly newThreshold: number;
  readonly pairCounter: number;
}

/** What this node knows of the key that an order is about. */
export interface OrderedKey {
  readonly suite: SuiteId;
  /** n of the key; of a reshare that of the old epoch. */
  readonly parties: number;
  /** Absent for key generation. */
  readonly keyIdBytes?: Buffer;
}

/** The session that the order describes, for the threshold library. */
export function sessionStartOf(
  order: CeremonyOrder,
  { suite, parties, keyIdBytes }: OrderedKey,
): SessionStart {
  const common = {
    suite,
    epoch: order.epoch,
    threshold: order.threshold,
    parties,
    participants: order.members.map(({ index, identityKey, bootId }) => ({ index, identityKey, bootId })),
    notAfter: order.notAfter,
    rnd: order.rnd,
  };
  if (order.purpose === 'dkg') return { ...common, purpose: 'dkg' };
  if (keyIdBytes === undefined) throw new Refused('config', 'the order is about no key');
  const keyed = { ...common, keyId: keyIdBytes };
  switch (order.purpose) {
    case 'presign':
    case 'health':
      return { ...keyed, purpose: 'presign', batch: order.batch };
    case 'reshare': {
      const { oldEpoch, dealers, receivers, newThreshold } = order;
      return { ...keyed, purpose: 'reshare', oldEpoch, dealers, receivers, newThreshold };
    }
    case 'rekey':
      return { ...keyed, purpose: 'rekey', pairCounter: order.pairCounter };
  }
}

/** Whether operators ordered it; a coordinator alone may order presigning, health checks and refreshes. */
export function hasCommand({ command }: CeremonyOrder): boolean {
  return command.length > 0;
}

export function commandHashOf(command: Buffer): Buffer {
  return createHash('sha256').update(command).digest();
}
