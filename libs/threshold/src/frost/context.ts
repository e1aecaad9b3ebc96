/** What one nonce session is about, and the hashes that bind its messages. */
import { InvalidInput } from '../errors';
import { H, type HashInput } from '../hash';
import { type SchnorrKeyShare } from '../keygen/key-share';
import { type RandomSource } from '../random';
import { sessionId, sorted } from '../session/session-id';
import { type SessionStart } from '../session/session-start';
import { type Ciphersuite, ciphersuite } from './ciphersuite';
import { type Commitment } from './nonce';

/** The fixed inputs of a nonce session of party i. */
export interface NonceContext {
  readonly psid: Buffer;
  /** i */
  readonly index: number;
  /** S, ascending. */
  readonly committee: readonly number[];
  /** S without i, ascending. */
  readonly peers: readonly number[];
  /** B */
  readonly batch: number;
  /** 16 B by member. */
  readonly bootIds: ReadonlyMap<number, Buffer>;
  readonly key: SchnorrKeyShare;
  readonly suite: Ciphersuite;
  readonly random: RandomSource;
}

/** Broadcast of round 1. */
export interface NonceBroadcast {
  /** nu_j, 32 B. */
  readonly nonce: Buffer;
  /** xk_j, 32 B. */
  readonly exchangeKey: Buffer;
  /** By p. */
  readonly commitments: readonly Commitment[];
}

/** @throws InvalidInput when the start does not fit the key, names a member that the key does not know, or is no presign start */
export function nonceContext(
  start: SessionStart,
  index: number,
  key: SchnorrKeyShare,
  random: RandomSource,
): NonceContext {
  if (start.purpose !== 'presign') throw new InvalidInput('nonce start: purpose is presign');
  const psid = sessionId(start);
  const members = sorted(start.participants);
  const rules: [string, boolean][] = [
    ['key share is of this party', key.index === index],
    ['suite is the key', start.suite === key.suite],
    ['keyId is the key', key.keyId.equals(start.keyId)],
    ['epoch is the key', start.epoch === key.epoch],
    ['t and n are the key', start.threshold === key.threshold && start.parties === key.parties],
    [
      'members are parties of the key',
      members.every((m) => key.identities.get(m.index)?.equals(m.identityKey) === true),
    ],
  ];
  for (const [rule, holds] of rules) if (!holds) throw new InvalidInput(`nonce start: ${rule}`);
  const committee = members.map((m) => m.index);
  return {
    psid,
    index,
    committee,
    peers: committee.filter((j) => j !== index),
    batch: start.batch,
    bootIds: new Map(members.map((m) => [m.index, Buffer.from(m.bootId)])),
    key,
    suite: ciphersuite(key.suite),
    random,
  };
}

/** H("fr/r1", psid, (j, nu_j, xk_j, (D_j^p, E_j^p) for all p) for j in S). */
export function nonceDigest(psid: Buffer, round1: ReadonlyMap<number, NonceBroadcast>): Buffer {
  const parts: HashInput[] = [round1.size];
  for (const [j, { nonce, exchangeKey, commitments }] of round1) {
    parts.push(j, nonce, exchangeKey, commitments.length);
    for (const [p, { hiding, binding }] of commitments.entries()) parts.push(p, hiding, binding);
  }
  return H('fr/r1', psid, ...parts);
}

/** H("fr/id", psid, digest, p). */
export function nonceIdOf(psid: Buffer, digest: Buffer, p: number): Buffer {
  return H('fr/id', psid, digest, p);
}
