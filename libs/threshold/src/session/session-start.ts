/** What a session is about: the facts that every participant takes from its own configuration (specification section 1.4). */
import { InvalidInput } from '../errors';
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

interface StartFields {
  readonly suite: SuiteId;
  /** Signers needed (t). */
  readonly threshold: number;
  /** Parties of the key (n). */
  readonly parties: number;
  /** In any order. */
  readonly participants: readonly Participant[];
  /** Unix seconds; hashed as u64be. */
  readonly notAfter: number;
  /** Chosen by the initiator, 32 bytes. */
  readonly rnd: Uint8Array;
}

interface KeyStartFields extends StartFields {
  /** 32 bytes. */
  readonly keyId: Uint8Array;
  /** Epoch of the key. */
  readonly epoch: number;
}

/** Key generation by all n parties. */
export interface KeygenStart extends StartFields {
  readonly purpose: 'dkg';
  /** 0 */
  readonly epoch: number;
}

/** Presigning by the committee S. */
export interface PresignStart extends KeyStartFields {
  readonly purpose: 'presign';
  /** Presignatures per batch (B). */
  readonly batch: number;
}

/** Refresh, reshare or repair by O and N together; `threshold` and `parties` are the old key's, `epoch` is the new one. */
export interface ReshareStart extends KeyStartFields {
  readonly purpose: 'reshare';
  readonly oldEpoch: number;
  /** O: who deals its share of the old epoch. */
  readonly dealers: readonly number[];
  /** t' */
  readonly newThreshold: number;
  /** N: who receives a share of the new epoch. */
  readonly receivers: readonly number[];
}

/** Re-key of one pair. */
export interface RekeyStart extends KeyStartFields {
  readonly purpose: 'rekey';
  /** The new pair counter, pe + 1. */
  readonly pairCounter: number;
}

/** What a session id is computed from: every party recomputes it from its own configuration. */
export type SessionStart = KeygenStart | PresignStart | ReshareStart | RekeyStart;

/** Largest party index: 0xffff addresses a broadcast. */
export const MAX_INDEX = 0xfffe;
const MAX_EPOCH = 0xffffffff;

/**
 * Checks ranges, lengths and that indices and identity keys are distinct.
 *
 * @throws InvalidInput with the first rule that does not hold
 */
export function checkSessionStart(start: SessionStart): void {
  const { threshold, parties, participants } = start;
  const rules: Rule[] = [
    ['suite is 1 to 4', isInteger(start.suite, 1, 4)],
    ['2 <= t <= n <= 16', isThreshold(threshold, parties)],
    ['epoch is u32', isInteger(start.epoch, 0, MAX_EPOCH)],
    ['notAfter is in unix seconds', isInteger(start.notAfter, 0, Number.MAX_SAFE_INTEGER)],
    ['rnd has 32 bytes', start.rnd.length === 32],
    ['party indices are 1 to 65534', participants.every((p) => isInteger(p.index, 1, MAX_INDEX))],
    ['identity keys have 32 bytes', participants.every((p) => p.identityKey.length === 32)],
    ['boot ids have 16 bytes', participants.every((p) => p.bootId.length === 16)],
    ['party indices are distinct', areDistinct(participants.map((p) => p.index))],
    ['identity keys are distinct', areDistinct(participants.map((p) => hex(p.identityKey)))],
    ...rulesOfPurpose(start),
  ];
  for (const [rule, holds] of rules) if (!holds) throw new InvalidInput(`invalid session: ${rule}`);
}

type Rule = readonly [rule: string, holds: boolean];

function rulesOfPurpose(start: SessionStart): Rule[] {
  const { participants, threshold, parties } = start;
  if (start.purpose === 'dkg') {
    return [
      ['key generation has n participants', participants.length === parties],
      ['key generation starts at epoch 0', start.epoch === 0],
    ];
  }
  const keyId: Rule = ['keyId has 32 bytes', start.keyId.length === 32];
  const isCommittee = (size: number) => size >= threshold && size <= parties;
  switch (start.purpose) {
    case 'presign':
      return [
        keyId,
        ['a committee has t to n members', isCommittee(participants.length)],
        ['batch is 1 to 64', isInteger(start.batch, 1, MAX_BATCH)],
      ];
    case 'rekey':
      return [
        keyId,
        ['a pair has two members', participants.length === 2],
        ['the pair counter grows from 0', isInteger(start.pairCounter, 1, MAX_EPOCH)],
      ];
    case 'reshare': {
      const { dealers, receivers, newThreshold } = start;
      const members = new Set([...dealers, ...receivers]);
      return [
        keyId,
        ['the epoch grows', isInteger(start.oldEpoch, 0, start.epoch - 1)],
        ['t to n members deal', isCommittee(dealers.length)],
        ["2 <= t' <= n' <= 16", isThreshold(newThreshold, receivers.length)],
        ['dealers and receivers are distinct', areDistinct(dealers) && areDistinct(receivers)],
        [
          'participants are the dealers and receivers',
          participants.length === members.size && participants.every((p) => members.has(p.index)),
        ],
      ];
    }
  }
}

function isInteger(x: number, low: number, high: number): boolean {
  return Number.isInteger(x) && x >= low && x <= high;
}

function isThreshold(threshold: number, parties: number): boolean {
  return isInteger(parties, 2, MAX_PARTIES) && isInteger(threshold, 2, parties);
}

function areDistinct(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
