/** Session identifiers (specification sections 1.4 and 1.5). */
import { InvalidInput } from '../errors';
import { H, type HashInput } from '../hash';
import { type Point } from '../group/point';
import { MAX_BATCH, MAX_PARTIES, type SuiteId } from '../suite';

/** A member of a session, as this node's own configuration and the member's signed node record describe it. */
export interface Participant {
  /** Party index and x-coordinate of the share, 1 to 65534. */
  readonly index: number;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly identityKey: Uint8Array;
  /** Drawn at each start of the member's process, 16 bytes. */
  readonly bootId: Uint8Array;
}

/** What a session id is computed from: every party recomputes it from its own configuration. */
export interface SessionStart {
  readonly suite: SuiteId;
  readonly purpose: 'dkg' | 'presign';
  /** 32 bytes; absent before key generation ends. */
  readonly keyId?: Uint8Array;
  /** Epoch of the key; 0 in key generation. */
  readonly epoch: number;
  /** Signers needed (t). */
  readonly threshold: number;
  /** Parties of the key (n). */
  readonly parties: number;
  /** Key generation: all n. Presigning: the committee S. In any order. */
  readonly participants: readonly Participant[];
  /** Presignatures per batch; presigning only. */
  readonly batch?: number;
  /** Unix seconds; hashed as u64be. */
  readonly notAfter: number;
  /** Chosen by the initiator, 32 bytes. */
  readonly rnd: Uint8Array;
}

/** Largest party index: 0xffff addresses a broadcast. */
export const MAX_INDEX = 0xfffe;

/**
 * sid = H("sid", suite, purpose, keyId, epoch, t, n, (i, IK_i, boot_i) of all participants, params, notAfter, rnd).
 * `params` is empty for key generation and "list S, B" for presigning.
 *
 * @throws InvalidInput when the description is not a valid session
 */
export function sessionId(start: SessionStart): Buffer {
  checkSessionStart(start);
  const participants = sorted(start.participants);
  const members = participants.flatMap((p): HashInput[] => [p.index, p.identityKey, p.bootId]);
  const params =
    start.purpose === 'presign'
      ? [participants.length, ...participants.map((p) => p.index), start.batch ?? 0]
      : [];
  const notAfter = Buffer.alloc(8);
  notAfter.writeBigUInt64BE(BigInt(start.notAfter));
  return H(
    'sid',
    start.suite,
    start.purpose,
    start.keyId ?? '',
    start.epoch,
    start.threshold,
    start.parties,
    participants.length,
    ...members,
    ...params,
    notAfter,
    start.rnd,
  );
}

/** keyId = H("keyid", pk_root), 32 bytes. */
export function keyIdOf(publicKey: Point): Buffer {
  return H('keyid', publicKey);
}

/** The participants in ascending order of their index, which is the order of every list in a hash. */
export function sorted(participants: readonly Participant[]): Participant[] {
  return [...participants].sort((a, b) => a.index - b.index);
}

/**
 * Checks ranges, lengths and that indices and identity keys are distinct.
 *
 * @throws InvalidInput with the first rule that does not hold
 */
export function checkSessionStart(start: SessionStart): void {
  const { threshold, parties, participants, purpose } = start;
  const isInteger = (x: number, low: number, high: number) => Number.isInteger(x) && x >= low && x <= high;
  const rules: [string, boolean][] = [
    ['suite is 1 to 4', isInteger(start.suite, 1, 4)],
    ['2 <= t <= n <= 16', isInteger(parties, 2, MAX_PARTIES) && isInteger(threshold, 2, parties)],
    ['epoch is u32', isInteger(start.epoch, 0, 0xffffffff)],
    ['notAfter is in unix seconds', isInteger(start.notAfter, 0, Number.MAX_SAFE_INTEGER)],
    ['rnd has 32 bytes', start.rnd.length === 32],
    ['party indices are 1 to 65534', participants.every((p) => isInteger(p.index, 1, MAX_INDEX))],
    ['identity keys have 32 bytes', participants.every((p) => p.identityKey.length === 32)],
    ['boot ids have 16 bytes', participants.every((p) => p.bootId.length === 16)],
    ['party indices are distinct', areDistinct(participants.map((p) => String(p.index)))],
    ['identity keys are distinct', areDistinct(participants.map((p) => hex(p.identityKey)))],
  ];
  if (purpose === 'dkg') {
    rules.push(['key generation has n participants', participants.length === parties]);
    rules.push(['key generation starts at epoch 0', start.epoch === 0]);
    rules.push(['key generation has no keyId and no batch', !start.keyId && start.batch === undefined]);
  } else {
    const size = participants.length;
    rules.push(['a committee has t to n members', size >= threshold && size <= parties]);
    rules.push(['keyId has 32 bytes', start.keyId?.length === 32]);
    rules.push(['batch is 1 to 64', isInteger(start.batch ?? 0, 1, MAX_BATCH)]);
  }
  for (const [rule, holds] of rules) if (!holds) throw new InvalidInput(`invalid session: ${rule}`);
}

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
