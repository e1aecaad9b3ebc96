/** What one presign session is about, and the hashes that bind its messages (specification section 7). */
import { InvalidInput, ProtocolFailure } from '../errors';
import { H, type HashInput } from '../hash';
import { isWiped, type KeyShare, type PairState } from '../keygen/key-share';
import { type PairJudge } from './pair-judge';
import { type Point } from '../group/point';
import { type RandomSource } from '../random';
import { type RvoleKernel } from '../multiplication/rvole-kernel';
import { sessionId, sorted } from '../session/session-id';
import { type SessionStart } from '../session/session-start';
import { suite } from '../suite';

/** The fixed inputs of a presign session of party i. */
export interface PresignContext {
  readonly psid: Buffer;
  /** i */
  readonly index: number;
  /** S, ascending. */
  readonly committee: readonly number[];
  /** S without i, ascending. */
  readonly peers: readonly number[];
  /** B */
  readonly batch: number;
  /** OTs per multiplication. */
  readonly xi: number;
  /** 16 B by member. */
  readonly bootIds: ReadonlyMap<number, Buffer>;
  readonly key: KeyShare;
  readonly random: RandomSource;
  readonly kernel: RvoleKernel;
  readonly judge: PairJudge;
}

/** Broadcast of round 1. */
export interface Round1Broadcast {
  /** nu_j, 32 B. */
  readonly nonce: Buffer;
  /** xk_j, 32 B. */
  readonly exchangeKey: Buffer;
  /** com_j, 32 B. */
  readonly commitment: Buffer;
}

/** Broadcast of round 2. */
export interface Round2Broadcast {
  /** h1, 32 B. */
  readonly digest: Buffer;
  /** R_j^0..R_j^{B-1}. */
  readonly noncePoints: readonly Point[];
  /** salt_j, 32 B. */
  readonly salt: Buffer;
  /** pk_j. */
  readonly publicKey: Point;
}

/**
 * @throws InvalidInput when the start does not fit the key, names a member that the key does not know, or is no presign start
 */
export function presignContext(
  start: SessionStart,
  index: number,
  parts: Pick<PresignContext, 'key' | 'random' | 'kernel' | 'judge'>,
): PresignContext {
  const { key } = parts;
  if (start.purpose !== 'presign') throw new InvalidInput('presign start: purpose is presign');
  const psid = sessionId(start);
  const members = sorted(start.participants);
  const isMember = (j: number, identityKey: Uint8Array) =>
    key.identities.get(j)?.equals(identityKey) === true && (j === index || key.pairs.has(j));
  const rules: [string, boolean][] = [
    ['key share is of this party', key.index === index],
    ['suite is the key', start.suite === key.suite],
    ['keyId is the key', key.keyId.equals(start.keyId)],
    ['epoch is the key', start.epoch === key.epoch],
    ['t and n are the key', start.threshold === key.threshold && start.parties === key.parties],
    ['members are parties of the key', members.every((m) => isMember(m.index, m.identityKey))],
  ];
  for (const [rule, holds] of rules) if (!holds) throw new InvalidInput(`presign start: ${rule}`);
  const committee = members.map((m) => m.index);
  return {
    ...parts,
    psid,
    index,
    committee,
    peers: committee.filter((j) => j !== index),
    batch: start.batch,
    xi: suite(key.suite).xi,
    bootIds: new Map(members.map((m) => [m.index, Buffer.from(m.bootId)])),
  };
}

/**
 * The lasting state shared with a peer, at every use of it: it may be wiped while a session is open, when another one condemns
 * the pair or a re-key replaces the state. With seeds of zeros both strings of each transfer are the same, and a round 2
 * that is answered from them hands r_i and sk_i to the peer.
 *
 * @throws InvalidInput for a party that is no peer of the key
 * @throws ProtocolFailure CONFIG `presign.pair-wiped`
 */
export function pairOf(context: PresignContext, peer: number): PairState {
  const pair = context.key.pairs.get(peer);
  if (!pair) throw new InvalidInput(`no pair state with party ${peer}`);
  if (isWiped(pair)) throw new ProtocolFailure('CONFIG', 'presign.pair-wiped', peer);
  return pair;
}

/** pairctx = H("pre/pair", psid, i, j, pe_ij) of the instance (sender -> receiver); one of both is this party. */
export function pairContext(context: PresignContext, sender: number, receiver: number): Buffer {
  const { pairCounter } = pairOf(context, sender === context.index ? receiver : sender);
  return H('pre/pair', context.psid, sender, receiver, pairCounter);
}

/** com_j = H("pre/com", psid, j, nu_j, xk_j, R_j^0..R_j^{B-1}, salt_j). */
export function nonceCommitment(
  psid: Buffer,
  party: number,
  opened: Pick<Round1Broadcast, 'nonce' | 'exchangeKey'> & Pick<Round2Broadcast, 'noncePoints' | 'salt'>,
): Buffer {
  const { nonce, exchangeKey, noncePoints, salt } = opened;
  return H('pre/com', psid, party, nonce, exchangeKey, ...pointList(noncePoints), salt);
}

/** h1 = H("pre/r1", psid, (j, nu_j, xk_j, com_j) for j in S). */
export function round1Digest(psid: Buffer, round1: ReadonlyMap<number, Round1Broadcast>): Buffer {
  const parts: HashInput[] = [round1.size];
  for (const [j, { nonce, exchangeKey, commitment }] of round1) parts.push(j, nonce, exchangeKey, commitment);
  return H('pre/r1', psid, ...parts);
}

/** h2 = H("pre/r2", psid, h1, for j in S: R_j^0..R_j^{B-1}, pk_j). */
export function round2Digest(
  psid: Buffer,
  h1: Buffer,
  round2: ReadonlyMap<number, Pick<Round2Broadcast, 'noncePoints' | 'publicKey'>>,
): Buffer {
  const parts: HashInput[] = [round2.size];
  for (const [j, { noncePoints, publicKey }] of round2) parts.push(j, ...pointList(noncePoints), publicKey);
  return H('pre/r2', psid, h1, ...parts);
}

function pointList(points: readonly Point[]): HashInput[] {
  return [points.length, ...points.flatMap((point, p): HashInput[] => [p, point])];
}
