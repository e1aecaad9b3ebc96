export type CeremonyPurpose = 'dkg' | 'presign' | 'health' | 'reshare' | 'rekey';
export type CeremonyStatus = 'running' | 'ok' | 'failed';

/** A protocol session that nodes were told to run. */
export interface Ceremony {
  /** sid of threshold-ecdsa.md 1.4, 0x-hex. */
  readonly sessionId: string;
  readonly purpose: CeremonyPurpose;
  readonly status: CeremonyStatus;
  /** Null in key generation. */
  readonly keyId: string | null;
  /** The order that this ceremony carries out; null for presigning for the stock. */
  readonly orderNonce: string | null;
  /** Node ids: key generation in order of index, else sorted. */
  readonly participants: readonly string[];
  /** Boot id of each participant at the start, 0x-hex. */
  readonly bootIds: Readonly<Record<string, string>>;
  /** Of a reshare, the new one. */
  readonly epoch: number;
  /** Presignatures to make; 0 where none are made. */
  readonly batch: number;
  /** Who shall hold the key afterwards, in ascending order of index, and how many of them sign; of a reshare. */
  readonly quorum?: Quorum;
  /** The new counter of the pair; of a re-key. */
  readonly pairCounter?: number;
}

export interface Quorum {
  readonly threshold: number;
  readonly participants: readonly string[];
}

export const CEREMONY_TIMEOUT_MS: Readonly<Record<CeremonyPurpose, number>> = {
  dkg: 120_000,
  presign: 30_000,
  health: 30_000,
  reshare: 120_000,
  rekey: 60_000,
};
