import { type StoreTransaction } from '@quorate/event-store';

/** What the members hold: presignatures of an ECDSA key, or nonces of a Schnorr key. */
export type PresignMaterial = 'presignatures' | 'nonces';

/** Presignatures of one ceremony, usable by exactly this committee in exactly these lives of its nodes. */
export interface PresignBatch {
  readonly sessionId: string;
  readonly keyId: string;
  readonly epoch: number;
  /** Node ids, sorted. */
  readonly committee: readonly string[];
  /** Boot id of each member when the batch was made, 0x-hex. */
  readonly bootIds: Readonly<Record<string, string>>;
  readonly material: PresignMaterial;
  /** Digest of the opened round 2; of a nonce session, that of round 1. */
  readonly h2: string;
  /** Of each presignature, 0x-hex: R before re-randomisation, or the joined commitments to the nonce. */
  readonly noncePoints: readonly string[];
  /** Every presignature before this one was given out. */
  readonly nextIndex: number;
}

export interface PresignatureUse {
  readonly presignatureId: string;
  readonly sessionId: string;
  readonly index: number;
  readonly streamId: string;
  readonly attempt: number;
}

/** The stock of all coordinators. A batch is leased by one of them at a time, which gives out its presignatures in order. */
export interface PresignBatches {
  /** A batch of the key's next epoch waits for the switch to it; one of an epoch that is over is forgotten. */
  add(tx: StoreTransaction, batch: PresignBatch): Promise<void>;
  /** Leases batches of a key nobody holds, up to `perCommittee` of each committee. */
  lease(tx: StoreTransaction, keyId: string, owner: string, perCommittee: number): Promise<PresignBatch[]>;
  /** Prolongs the owner's leases and writes how far its batches are used; returns the ids it still holds. */
  renew(tx: StoreTransaction, owner: string, progress: ReadonlyMap<string, number>): Promise<Set<string>>;
  /** Ends leases of this coordinator's earlier process. */
  release(tx: StoreTransaction, ownerPrefix: string): Promise<void>;
  /** @throws Conflict when one of them was given out before (a lease that had ended) */
  use(tx: StoreTransaction, uses: readonly PresignatureUse[]): void;
  find(tx: StoreTransaction, sessionIds: readonly string[]): Promise<(PresignBatch & { status: string })[]>;
  /** Stocked batches in which this node is a member. */
  stockedOf(tx: StoreTransaction, node: string): Promise<PresignBatch[]>;
  /** Marks stocked batches as gone; returns those that were stocked. */
  discard(tx: StoreTransaction, sessionIds: readonly string[]): Promise<PresignBatch[]>;
  /** Stocks what was made early for this epoch, and discards what older ones left; returns that. */
  switchEpoch(tx: StoreTransaction, keyId: string, epoch: number): Promise<PresignBatch[]>;
  /** Marks all batches of a key as gone; returns those that were there. */
  discardKey(tx: StoreTransaction, keyId: string): Promise<PresignBatch[]>;
  /** Forgets batches that were used up or discarded before this time; what was used stays known. */
  forgetEnded(tx: StoreTransaction, before: Date): Promise<void>;
  /** Stocked batches of a key that nobody may use any more: of an earlier epoch, or of a committee with one of these pairs. */
  unusable(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    deadPairs: readonly (readonly [string, string])[],
  ): Promise<string[]>;
  stockedBefore(tx: StoreTransaction, time: Date): Promise<string[]>;
  /** Moves past presignatures that a member does not have any more. */
  skip(tx: StoreTransaction, sessionId: string, nextIndex: number): Promise<void>;
  /**
   * Presignatures left, by committee (joined with a comma).
   * @param except ceremonies that were seen running a moment ago: their batches are counted there
   */
  remaining(tx: StoreTransaction, keyId: string, except?: readonly string[]): Promise<Map<string, number>>;
}

export function committeeName(committee: readonly string[]): string {
  return committee.join(',');
}
