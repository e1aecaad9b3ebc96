/**
 * Resolution of a failure of class AGREE (specification sections 2, 3 and 9): the parties hand each other the signed messages
 * that they received, and two different ones of one sender for one slot convict it, before anyone.
 */
import {
  BROADCAST,
  ed25519PublicKey,
  encodeFrame,
  type Frame,
  FRAME_TYPES,
  type FrameSigner,
  parseFrame,
  verifyFrame,
} from './frame';
import { sessionHeader } from './mailbox';
import { sessionId } from './session-id';
import { type SessionStart } from './session-start';

/** Two different signed messages of one sender for one slot. Transferable. */
export interface Equivocation {
  readonly accused: number;
  readonly evidence: readonly [Buffer, Buffer];
}

/**
 * Frames of type evidence for all participants, which hand over what this party received.
 *
 * @param received signed frames: `ProtocolFailure.evidence` of the own session
 */
export function encodeEvidence(
  start: SessionStart,
  index: number,
  received: readonly Uint8Array[],
  sign: FrameSigner,
): Buffer[] {
  const session = sessionHeader(start, sessionId(start));
  const header = { ...session, type: FRAME_TYPES.evidence, round: 1, from: index, to: BROADCAST };
  return received.map((frame) => encodeFrame(header, frame, sign));
}

/** The frame that an evidence frame of this session hands over; `undefined` unless a participant signed the evidence. */
export function openEvidence(start: SessionStart, evidence: Uint8Array): Buffer | undefined {
  const frame = parseFrame(evidence);
  const sender = start.participants.find((participant) => participant.index === frame?.from);
  if (!frame || !sender || frame.type !== FRAME_TYPES.evidence || !frame.sid.equals(sessionId(start))) {
    return undefined;
  }
  return verifyFrame(frame, ed25519PublicKey(sender.identityKey)) ? frame.payload : undefined;
}

/**
 * Who equivocated, among all frames that the parties have.
 *
 * @param identities raw Ed25519 public keys of the participants, 32 B
 */
export function findEquivocations(
  frames: readonly Uint8Array[],
  identities: ReadonlyMap<number, Uint8Array>,
): Equivocation[] {
  const first = new Map<string, Frame>();
  const found = new Map<number, Equivocation>();
  for (const bytes of frames) {
    const frame = parseFrame(bytes);
    const identityKey = frame && identities.get(frame.from);
    if (!identityKey || frame.type === FRAME_TYPES.evidence) continue; // any number of frames may be handed over
    if (!verifyFrame(frame, ed25519PublicKey(identityKey))) continue;
    const slot = slotOf(frame);
    const held = first.get(slot);
    if (!held) first.set(slot, frame);
    else if (!held.signed.equals(frame.signed)) {
      found.set(frame.from, { accused: frame.from, evidence: [held.bytes, frame.bytes] });
    }
  }
  return [...found.values()];
}

/**
 * Whether two frames are different signed messages of one sender for one slot: same session, round, sender and receiver.
 *
 * @param identityKey raw Ed25519 public key of the sender, 32 B
 */
export function provesEquivocation(first: Uint8Array, second: Uint8Array, identityKey: Uint8Array): boolean {
  const sender = parseFrame(first)?.from;
  return (
    sender !== undefined && findEquivocations([first, second], new Map([[sender, identityKey]])).length > 0
  );
}

function slotOf({ type, sid, round, from, to }: Frame): string {
  return `${type}/${sid.toString('hex')}/${round}/${from}/${to}`;
}
