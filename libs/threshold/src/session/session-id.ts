/** Session identifiers (specification sections 1.4 and 1.5). */
import { H, type HashInput } from '../hash';
import { type Point } from '../group/point';
import { checkSessionStart, type Participant, type SessionStart } from './session-start';

/**
 * sid = H("sid", suite, purpose, keyId, epoch, t, n, (i, IK_i, boot_i) of all participants, params, notAfter, rnd).
 *
 * @throws InvalidInput when the description is not a valid session
 */
export function sessionId(start: SessionStart): Buffer {
  checkSessionStart(start);
  const participants = sorted(start.participants);
  const notAfter = Buffer.alloc(8);
  notAfter.writeBigUInt64BE(BigInt(start.notAfter));
  return H(
    'sid',
    start.suite,
    start.purpose,
    start.purpose === 'dkg' ? '' : start.keyId,
    start.epoch,
    start.threshold,
    start.parties,
    participants.length,
    ...participants.flatMap((p): HashInput[] => [p.index, p.identityKey, p.bootId]),
    ...params(start, participants),
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

/** What the purpose adds to the id (section 1.5). */
function params(start: SessionStart, participants: readonly Participant[]): HashInput[] {
  switch (start.purpose) {
    case 'dkg':
      return [];
    case 'presign':
      return [participants.length, ...participants.map((p) => p.index), start.batch];
    case 'rekey':
      return [...participants.map((p) => p.index), start.pairCounter];
    case 'reshare': {
      const { oldEpoch, dealers, newThreshold, receivers } = start;
      const members = participants.filter((p) => receivers.includes(p.index));
      return [
        oldEpoch,
        dealers.length,
        ...[...dealers].sort((a, b) => a - b),
        newThreshold,
        members.length,
        ...members.flatMap((p): HashInput[] => [p.index, p.identityKey]),
      ];
    }
  }
}
