/** Single-shot message slots of one session (specification section 2). */
import { type KeyObject } from 'node:crypto';
import { BROADCAST, type Frame, FRAME_TYPES, type FrameHeader, parseFrame, verifyFrame } from './frame';
import { TAG_BYTES } from './p2p-encryption';
import { type SessionStart } from './session-start';

/** What a participant sends in a round; lengths in bytes of the plaintext payload. */
export interface RoundExpectation {
  /** Length of the broadcast, or the lengths it may have. */
  readonly broadcast: number | readonly number[];
  /** Length of the direct message to each participant; absent when the round has none. */
  readonly p2p?: number | undefined;
  /** Whether direct messages are encrypted. */
  readonly encrypted: boolean;
}

/** Rounds 1, 2, .. of a ceremony: of every sender alike or, where the roles differ, by sender. */
export type RoundSchedule = readonly RoundExpectation[] | ((sender: number) => readonly RoundExpectation[]);

/** What the sender sends in that round; `undefined` for a round that the ceremony does not have. */
export function expectationOf(
  schedule: RoundSchedule,
  round: number,
  sender: number,
): RoundExpectation | undefined {
  return (typeof schedule === 'function' ? schedule(sender) : schedule)[round - 1];
}

/** Why a frame was dropped without any change of state. */
export type DropReason =
  | 'malformed'
  | 'other-session'
  | 'sender'
  | 'recipient'
  | 'round'
  | 'length'
  | 'signature'
  | 'duplicate'
  | 'ended';

/** What became of a delivered frame. */
export type Delivery =
  | { readonly kind: 'stored'; readonly frame: Frame }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  /** Two different messages with valid signatures for one slot: they convict the sender. */
  | { readonly kind: 'equivocation'; readonly from: number; readonly evidence: readonly [Buffer, Buffer] };

/** Fields that every frame of the session must carry. */
export type SessionHeader = Pick<FrameHeader, 'suite' | 'type' | 'keyId' | 'epoch' | 'sid'>;

/** @param sid of the start */
export function sessionHeader(start: SessionStart, sid: Buffer): SessionHeader {
  const keyId = start.purpose === 'dkg' ? Buffer.alloc(32) : start.keyId;
  return { suite: start.suite, type: FRAME_TYPES[start.purpose], keyId, epoch: start.epoch, sid };
}

/**
 * Holds at most one message per (round, from, to) of a session: bounded, because rounds, senders and lengths are fixed.
 * Messages of later rounds are held.
 */
export class Mailbox {
  private readonly slots = new Map<string, Frame>();

  /** @param peers identity keys of the other participants by index */
  constructor(
    private readonly header: SessionHeader,
    private readonly index: number,
    private readonly peers: ReadonlyMap<number, KeyObject>,
    private readonly schedule: RoundSchedule,
  ) {}

  /** Checks, in this order: form, session, sender, receiver, round, length, slot, signature. */
  deliver(bytes: Uint8Array): Delivery {
    const frame = parseFrame(bytes);
    if (!frame) return dropped('malformed');
    if (!this.isOfSession(frame)) return dropped('other-session');
    const identityKey = this.peers.get(frame.from);
    if (!identityKey) return dropped('sender');
    if (frame.to !== this.index && frame.to !== BROADCAST) return dropped('recipient');
    const expectation = expectationOf(this.schedule, frame.round, frame.from);
    if (!expectation) return dropped('round');
    if (!hasExpectedLength(frame, expectation)) return dropped('length');

    const slot = slotName(frame.round, frame.from, frame.to);
    const held = this.slots.get(slot);
    if (held && held.signed.equals(frame.signed)) return dropped('duplicate');
    if (!verifyFrame(frame, identityKey)) return dropped('signature');
    if (held) return { kind: 'equivocation', from: frame.from, evidence: [held.bytes, frame.bytes] };
    this.slots.set(slot, frame);
    return { kind: 'stored', frame };
  }

  /** Whether every other participant's messages of the round are here. */
  isComplete(round: number): boolean {
    return [...this.peers.keys()].every((from) => {
      const isDirect = expectationOf(this.schedule, round, from)?.p2p !== undefined;
      return this.broadcast(round, from) && (!isDirect || this.direct(round, from));
    });
  }

  broadcast(round: number, from: number): Frame | undefined {
    return this.slots.get(slotName(round, from, BROADCAST));
  }

  direct(round: number, from: number): Frame | undefined {
    return this.slots.get(slotName(round, from, this.index));
  }

  /** All broadcasts of a participant so far, as received. */
  broadcastsOf(from: number): Buffer[] {
    const frames = [...this.slots.values()].filter((frame) => frame.from === from && frame.to === BROADCAST);
    return frames.sort((a, b) => a.round - b.round).map((frame) => frame.bytes);
  }

  clear(): void {
    this.slots.clear();
  }

  private isOfSession(frame: Frame): boolean {
    const { suite, type, keyId, epoch, sid } = this.header;
    const sameNumbers = frame.suite === suite && frame.type === type && frame.epoch === epoch;
    return sameNumbers && frame.keyId.equals(keyId) && frame.sid.equals(sid);
  }
}

function hasExpectedLength(frame: Frame, expectation: RoundExpectation): boolean {
  const { broadcast, p2p, encrypted } = expectation;
  const length = frame.payload.length;
  if (frame.to !== BROADCAST) return p2p !== undefined && length === p2p + (encrypted ? TAG_BYTES : 0);
  return typeof broadcast === 'number' ? length === broadcast : broadcast.includes(length);
}

function slotName(round: number, from: number, to: number): string {
  return `${round}/${from}/${to}`;
}

function dropped(reason: DropReason): Delivery {
  return { kind: 'dropped', reason };
}
