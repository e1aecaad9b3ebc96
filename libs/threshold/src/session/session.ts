/**
 * The state machine that all ceremonies share (specification section 2): rounds of signed broadcasts and
 * direct messages, each slot filled once, the next round when all messages of the last one are here. Pure: it returns
 * frames to send and never touches a network, a clock or a disk.
 */
import { CeremonySession } from './ceremony-session';
import { type ProtocolFailure } from '../errors';
import { type Frame, type FrameSigner } from './frame';
import { type DropReason, type RoundSchedule } from './mailbox';
import { type RandomSource } from '../random';
import { type SessionStart } from './session-start';

/** A signed frame and where it goes: a party index, or the same bytes to all other participants. */
export interface OutgoingFrame {
  readonly to: number | 'all';
  readonly frame: Buffer;
}

/** How a session ended. */
export type SessionOutcome<R> =
  | { readonly kind: 'result'; readonly value: R }
  | { readonly kind: 'failure'; readonly failure: ProtocolFailure };

/** What one step produced. Handle the fields in this order: store `pending`, send `outgoing`, then read `outcome`. */
export interface StepOutput<R, P = never> {
  /** To be stored durably before `outgoing` is sent (key generation, before its confirmation). Owned by the caller. */
  readonly pending?: P;
  readonly outgoing: readonly OutgoingFrame[];
  /** Present once, when the session ends. */
  readonly outcome?: SessionOutcome<R>;
  /** Why the delivered frame was ignored; for metrics. */
  readonly dropped?: DropReason;
}

/** One run of one party. */
export interface Session<R, P = never> {
  readonly sid: Buffer;
  /**
   * Sends the first round. Frames may be received before.
   *
   * @throws InvalidInput when called twice
   */
  start(): StepOutput<R, P>;
  /** Takes any bytes from the network. Throws nothing that the bytes can cause. */
  receive(frame: Uint8Array): StepOutput<R, P>;
  /** Ends the session and wipes its secrets. */
  abort(): void;
}

/** What a node brings to any session. */
export interface SessionConfig {
  readonly start: SessionStart;
  /** Index of this party; it is one of the participants. */
  readonly index: number;
  readonly sign: FrameSigner;
  readonly random: RandomSource;
}

/** Plaintext payloads of one round of this party; the session frames, encrypts and signs them. */
export interface RoundPayloads {
  readonly broadcast: Uint8Array;
  /** By receiver: exactly the other participants when the round has direct messages. */
  readonly p2p?: ReadonlyMap<number, Uint8Array>;
}

/** All messages of a complete round. */
export interface RoundMessages {
  /** Payload of the broadcast of any participant, this one included. */
  broadcast(from: number): Buffer;
  /**
   * Plaintext of the direct message of another participant. Decrypted at the call, so that echo digests can be compared
   * before: call it once.
   *
   * @throws ProtocolFailure IDENT-P when authentication fails
   */
  direct(from: number): Buffer;
  /** The signed broadcast of any participant as a frame. */
  frame(from: number): Buffer;
}

/** What a ceremony does at the end of a round. */
export type Advance<R, P = never> =
  | { readonly kind: 'send'; readonly payloads: RoundPayloads; readonly pending?: P }
  | { readonly kind: 'result'; readonly value: R }
  /**
   * Fails, after telling the others with one broadcast, which completes the evidence that the failure has. To fail without
   * a word, throw the ProtocolFailure.
   */
  | {
      readonly kind: 'failure';
      readonly failure: ProtocolFailure;
      readonly announcement: { readonly round: number; readonly payload: Uint8Array };
    };

/** The mathematics of a protocol, without transport. */
export interface Ceremony<R, P = never> {
  readonly rounds: RoundSchedule;
  /**
   * Offset of xk (32 B) in a sender's broadcast of round 1, `undefined` for a sender without; where the ceremony does not
   * say, xk follows a nonce of 32 bytes.
   */
  exchangeKeyOffset?(sender: number): number | undefined;
  /** Payloads of round 1. */
  begin(exchangeKey: Buffer): RoundPayloads;
  /** @throws ProtocolFailure to end the session without sending anything */
  advance(round: number, messages: RoundMessages): Advance<R, P>;
  /**
   * Called for each broadcast of the current or a later round when it arrives, and again when its round begins.
   *
   * @throws ProtocolFailure to end the session
   */
  interrupt?(currentRound: number, broadcast: Frame): void;
  /** Overwrites all secrets that the result does not own. */
  wipe(): void;
}

/**
 * A session that runs the ceremony.
 *
 * @throws InvalidInput when the start is invalid or the party is no participant
 */
export function createSession<R, P = never>(config: SessionConfig, ceremony: Ceremony<R, P>): Session<R, P> {
  return new CeremonySession(config, ceremony);
}
