/** The lasting result of a dealing, the input of presigning and of FROST (specification sections 3 to 5 and 13). */
import { timingSafeEqual } from 'node:crypto';
import { type Certificate } from '../certificate/certificate';
import { type Point } from '../group/point';
import { forgetSeeds } from '../multiplication/seed-expansion';
import { type EcdsaSuiteId, type SchnorrSuiteId, type SuiteId } from '../suite';

/** State shared with one peer: base OT in both directions and the seed of zero shares. */
export interface PairState {
  /** pe_ij: 0, and one more after each re-key of the pair. */
  readonly pairCounter: number;
  /** This party sends in the OT extension (it received in the base OT): Nabla, 16 B, and 128 seeds of 32 B. */
  readonly asSender: { readonly nabla: Buffer; readonly seeds: Buffer };
  /** This party receives in the OT extension: both seeds of each of the 128 base OTs, each list 128 * 32 B. */
  readonly asReceiver: { readonly seeds0: Buffer; readonly seeds1: Buffer };
  /** z_ij, 32 B. */
  readonly zeroSeed: Buffer;
}

/** What a dealing leaves to one party, in any group. */
export interface DealtShare {
  readonly suite: SuiteId;
  /** H("keyid", publicKey), 32 B. */
  readonly keyId: Buffer;
  readonly epoch: number;
  /** t */
  readonly threshold: number;
  /** n */
  readonly parties: number;
  /** Index of this party: the x-coordinate of the share. */
  readonly index: number;
  /** s_i, 32 B big-endian, secret. */
  readonly share: Buffer;
  /** pk, the root public key. */
  readonly publicKey: Point;
  /** P_m = s_m * G of every party m. */
  readonly publicShares: ReadonlyMap<number, Point>;
  /** 32 B. */
  readonly chainCode: Buffer;
  /** Raw Ed25519 public keys (32 B) of all parties, this one included. */
  readonly identities: ReadonlyMap<number, Buffer>;
}

/** An ECDSA key share before all parties confirmed it: stored durably before the own confirmation leaves. */
export interface PendingKeyShare extends DealtShare {
  readonly suite: EcdsaSuiteId;
  /** By peer index; secret. */
  readonly pairs: ReadonlyMap<number, PairState>;
}

/** A key share for FROST before all parties confirmed it. */
export interface PendingSchnorrKeyShare extends DealtShare {
  readonly suite: SchnorrSuiteId;
}

/** An ECDSA key share that all parties confirmed. */
export interface KeyShare extends PendingKeyShare {
  readonly certificate: Certificate;
}

/** A key share for FROST that all parties confirmed. */
export interface SchnorrKeyShare extends PendingSchnorrKeyShare {
  readonly certificate: Certificate;
}

/** Makes the pending share of a suite from what was dealt, and the states of the pairs where the suite has them. */
export type ShareMaker<P> = (dealt: Omit<DealtShare, 'suite'>, pairs: ReadonlyMap<number, PairState>) => P;

export function ecdsaShare(suite: EcdsaSuiteId): ShareMaker<PendingKeyShare> {
  return (dealt, pairs) => ({ ...dealt, suite, pairs });
}

export function schnorrShare(suite: SchnorrSuiteId): ShareMaker<PendingSchnorrKeyShare> {
  return (dealt) => ({ ...dealt, suite });
}

/** Overwrites every secret of the share with zeros; the object is unusable afterwards. */
export function wipeKeyShare(share: PendingKeyShare | PendingSchnorrKeyShare): void {
  share.share.fill(0);
  if ('pairs' in share) for (const pair of share.pairs.values()) wipePairState(pair);
}

/** Whether {@link wipePairState} was here: a seed of zero shares is a hash, and never zero. */
export function isWiped({ zeroSeed }: PairState): boolean {
  return timingSafeEqual(zeroSeed, Buffer.alloc(zeroSeed.length));
}

/** Overwrites the secrets of one pair with zeros (section 9, reaction to BAN). */
export function wipePairState(pair: PairState): void {
  const { asSender, asReceiver } = pair;
  for (const seeds of [asSender.seeds, asReceiver.seeds0, asReceiver.seeds1]) forgetSeeds(seeds);
  pair.asSender.nabla.fill(0);
  pair.asSender.seeds.fill(0);
  pair.asReceiver.seeds0.fill(0);
  pair.asReceiver.seeds1.fill(0);
  pair.zeroSeed.fill(0);
}
