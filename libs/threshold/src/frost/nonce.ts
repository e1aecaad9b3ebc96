/** Nonces of FROST and their commitments (RFC 9591, sections 4.1 and 5.1; threats 1). */
import { type Point } from '../group/point';
import { type RandomSource } from '../random';
import { type SchnorrSuiteId } from '../suite';
import { type Ciphersuite, ciphersuite } from './ciphersuite';

/** The public halves of one member's nonces. */
export interface Commitment {
  /** D_j = d_j * G */
  readonly hiding: Point;
  /** E_j = e_j * G */
  readonly binding: Point;
}

/** What is public of one nonce of a committee, and the same at all members. */
export interface NonceCommitments {
  /** H("fr/id", psid, digest of round 1, p), 32 B. */
  readonly nonceId: Buffer;
  readonly suite: SchnorrSuiteId;
  readonly keyId: Buffer;
  readonly epoch: number;
  /** Of exactly the members of the committee. */
  readonly commitments: ReadonlyMap<number, Commitment>;
}

/**
 * One nonce pair of one member: single use, in memory only, never stored. Before a share is computed from it, the caller
 * inserts the nonce id and the own hiding commitment, each UNIQUE, into a durable ledger: a copy of the bytes, of another
 * thread or of a machine that was rolled back, would sign again, and two messages under one nonce give the key share.
 */
export interface Nonce extends NonceCommitments {
  /** d_i, secret, 32 B. */
  readonly hiding: Buffer;
  /** e_i, secret, 32 B. */
  readonly binding: Buffer;
}

const RANDOM_BYTES = 32;

/** nonce_generate: H3(32 random bytes || the share), hedged by the share against a generator that repeats itself. */
export function generateNonce(suite: Ciphersuite, share: Uint8Array, random: RandomSource): Buffer {
  const fresh = random(RANDOM_BYTES);
  const secret = suite.encodeScalar(share);
  const input = Buffer.concat([fresh, secret]);
  const nonce = suite.nonce(input);
  for (const bytes of [fresh, secret, input]) bytes.fill(0);
  return nonce;
}

/** Overwrites the secrets; the nonce is refused afterwards. */
export function wipeNonce({ hiding, binding }: Nonce): void {
  hiding.fill(0);
  binding.fill(0);
}

/** Whether the secrets were wiped. */
export function isNonceConsumed({ suite, hiding }: Nonce): boolean {
  return !ciphersuite(suite).group.isNonZeroScalar(hiding);
}
