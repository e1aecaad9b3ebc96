import { createHash } from 'node:crypto';
import { type SessionStart, type SuiteId } from '@quorate/threshold';

export type CeremonyPurpose = 'dkg' | 'presign' | 'health';

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
  readonly epoch: number;
  readonly threshold: number;
  readonly members: readonly CeremonyMember[];
  readonly batch: number;
  /** Unix seconds. */
  readonly notAfter: number;
  readonly rnd: Buffer;
  /** Exact bytes of the operators' command; empty but for key generation. */
  readonly command: Buffer;
  readonly signatures: readonly string[];
}

/**
 * The session that the order describes, for the threshold library.
 * @param parties n of the key
 */
export function sessionStartOf(
  order: CeremonyOrder,
  suite: SuiteId,
  parties: number,
  keyId?: Buffer,
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
  return keyId === undefined
    ? { ...common, purpose: 'dkg' }
    : { ...common, purpose: 'presign', keyId, batch: order.batch };
}

export function commandHashOf(command: Buffer): Buffer {
  return createHash('sha256').update(command).digest();
}
