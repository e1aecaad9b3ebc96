/** Broadcasts of round 4: a confirmation, a complaint or an abort, told apart by the first byte, which fixes the length. */
import { type FailureClass } from '../errors';
import { type Group } from '../group/group';
import { complaintBytes } from '../sharing/complaint';

/** The round in which dealings are confirmed. */
export const CONFIRMATION_ROUND = 4;

const CONFIRMATION_BYTES = 1 + 32;
const ABORT_BYTES = 4;
const [CONFIRMATION, COMPLAINT, ABORT] = [0, 1, 2];

const CLASS_CODES: Readonly<Record<FailureClass, number>> = {
  CONFIG: 1,
  TIMEOUT: 2,
  AGREE: 3,
  'IDENT-P': 4,
  IDENT: 5,
  BAN: 6,
  UNATTRIBUTED: 7,
};

/** Lengths that a broadcast of round 4 may have. */
export function resultBytes(group: Group): number[] {
  return [CONFIRMATION_BYTES, complaintBytes(group), ABORT_BYTES];
}

/** u8 0 || digest of what is confirmed, 33 bytes. */
export function encodeConfirmation(digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from([CONFIRMATION]), digest]);
}

/** u8 2 || u16 accused (0 for nobody) || u8 class. */
export function encodeAbort(failureClass: FailureClass, accused: number | undefined): Buffer {
  const payload = Buffer.alloc(ABORT_BYTES);
  payload.writeUInt8(ABORT, 0);
  payload.writeUInt16BE(accused ?? 0, 1);
  payload.writeUInt8(CLASS_CODES[failureClass], 3);
  return payload;
}

/** Whether an abort says that a digest differs: then all parties bring the signed messages that they hold. */
export function isDisagreement(abort: Buffer): boolean {
  return abort.readUInt8(3) === CLASS_CODES.AGREE;
}

/** `undefined` unless the length is that of the kind which the first byte names. */
export function kindOfResult(
  group: Group,
  payload: Buffer,
): 'confirmation' | 'complaint' | 'abort' | undefined {
  const kind = payload.readUInt8(0);
  if (kind === CONFIRMATION && payload.length === CONFIRMATION_BYTES) return 'confirmation';
  if (kind === COMPLAINT && payload.length === complaintBytes(group)) return 'complaint';
  if (kind === ABORT && payload.length === ABORT_BYTES) return 'abort';
  return undefined;
}
