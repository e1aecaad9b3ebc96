export type CeremonyPurpose = 'dkg' | 'presign' | 'health';
export type CeremonyStatus = 'running' | 'ok' | 'failed';

/** A protocol session that nodes were told to run. */
export interface Ceremony {
  /** sid of threshold-ecdsa.md 1.4, 0x-hex. */
  readonly sessionId: string;
  readonly purpose: CeremonyPurpose;
  readonly status: CeremonyStatus;
  /** Null in key generation. */
  readonly keyId: string | null;
  /** The operators' command (its nonce) that this ceremony carries out; null for presigning. */
  readonly orderNonce: string | null;
  /** Node ids: key generation in order of index, else sorted. */
  readonly participants: readonly string[];
  /** Boot id of each participant at the start, 0x-hex. */
  readonly bootIds: Readonly<Record<string, string>>;
  readonly epoch: number;
  /** Presignatures to make; 0 in key generation. */
  readonly batch: number;
}

export const CEREMONY_TIMEOUT_MS: Readonly<Record<CeremonyPurpose, number>> = {
  dkg: 120_000,
  presign: 30_000,
  health: 30_000,
};
