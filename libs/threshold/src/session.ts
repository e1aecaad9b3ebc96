/**
 * The state machine that key generation and presigning share (specification section 2): rounds of signed broadcasts and
 * direct messages, each slot filled once, the next round when all messages of the last one are here. Pure: it returns
 * frames to send and never touches a network, a clock or a disk.
 */
import { ProtocolFailure, InvalidInput } from './errors';
import {
  BROADCAST,
  ed25519PublicKey,
  encodeFrame,
  encodeHeader,
  type Frame,
  FRAME_TYPES,
  type FrameHeader,
  type FrameSigner,
  HEADER_BYTES,
  parseFrame,
} from './frame';
import { type DropReason, Mailbox, type RoundExpectation, type SessionHeader } from './mailbox';
import { decryptMessage, encryptMessage, EXCHANGE_KEY_BYTES, ExchangeKey, TAG_BYTES } from './p2p-encryption';
import { type RandomSource } from './random';
import { sessionId, type SessionStart } from './session-id';

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
  /** Fails, after telling the others with one broadcast. To fail without a word, throw the ProtocolFailure. */
  | {
      readonly kind: 'failure';
      readonly failure: ProtocolFailure;
      readonly announcement: { readonly round: number; readonly payload: Uint8Array };
    };

/** The mathematics of a protocol, without transport. The broadcast of round 1 begins with nonce (32 B) and xk (32 B). */
export interface Ceremony<R, P = never> {
  /** What others send in rounds 1, 2, .. */
  readonly rounds: readonly RoundExpectation[];
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

const EXCHANGE_KEY_OFFSET = 32;

class CeremonySession<R, P> implements Session<R, P> {
  readonly sid: Buffer;
  private readonly header: SessionHeader;
  private readonly mailbox: Mailbox;
  private readonly peers: readonly number[];
  private readonly exchangeKey: ExchangeKey;
  private readonly sharedSecrets = new Map<number, { readonly secret: Buffer; readonly peerKey: Buffer }>();
  private readonly ownBroadcasts = new Map<number, Buffer>();
  /** 0 before the start. */
  private round = 0;
  private ended = false;

  constructor(
    private readonly config: SessionConfig,
    private readonly ceremony: Ceremony<R, P>,
  ) {
    const { start, index } = config;
    this.sid = sessionId(start);
    if (!start.participants.some((p) => p.index === index)) throw new InvalidInput('not a participant');
    const others = start.participants.filter((p) => p.index !== index);
    this.peers = others.map((p) => p.index);
    this.header = {
      suite: start.suite,
      type: FRAME_TYPES[start.purpose],
      keyId: start.keyId ?? Buffer.alloc(32),
      epoch: start.epoch,
      sid: this.sid,
    };
    const identityKeys = new Map(others.map((p) => [p.index, ed25519PublicKey(p.identityKey)]));
    this.mailbox = new Mailbox(this.header, index, identityKeys, ceremony.rounds);
    this.exchangeKey = new ExchangeKey(config.random);
  }

  start(): StepOutput<R, P> {
    if (this.round !== 0 || this.ended) throw new InvalidInput('a session starts once');
    return this.step((output) => {
      this.send(this.ceremony.begin(this.exchangeKey.publicKey), output);
      this.progress(output);
    });
  }

  receive(frame: Uint8Array): StepOutput<R, P> {
    if (this.ended) return { outgoing: [], dropped: 'ended' };
    const delivery = this.mailbox.deliver(frame);
    if (delivery.kind === 'dropped') return { outgoing: [], dropped: delivery.reason };
    return this.step((output) => {
      if (delivery.kind === 'equivocation') {
        throw new ProtocolFailure('IDENT', 'session.equivocation', delivery.from, delivery.evidence);
      }
      const { frame } = delivery;
      if (frame.to === BROADCAST && frame.round >= this.round) this.ceremony.interrupt?.(this.round, frame);
      this.progress(output);
    });
  }

  abort(): void {
    if (this.ended) return;
    this.ended = true;
    this.ceremony.wipe();
    this.exchangeKey.wipe();
    for (const { secret } of this.sharedSecrets.values()) secret.fill(0);
    this.sharedSecrets.clear();
    this.mailbox.clear();
  }

  private step(action: (output: Output<R, P>) => void): StepOutput<R, P> {
    const output: Output<R, P> = { outgoing: [] };
    try {
      action(output);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) {
        this.abort();
        throw error;
      }
      const failure = this.withEvidence(error);
      this.abort();
      return { outgoing: [], outcome: { kind: 'failure', failure } };
    }
    if (output.outcome) this.abort();
    return output;
  }

  /** Runs every round whose messages are all here. */
  private progress(output: Output<R, P>): void {
    while (this.round > 0 && !output.outcome && this.mailbox.isComplete(this.round)) {
      if (this.round === 1) this.agreeOnKeys();
      const advance = this.ceremony.advance(this.round, this.messages(this.round));
      if (advance.kind === 'send') {
        if (advance.pending !== undefined) output.pending = advance.pending;
        this.send(advance.payloads, output);
        this.interruptHeld();
      } else if (advance.kind === 'result') {
        output.outcome = advance;
      } else {
        const { round, payload } = advance.announcement;
        output.outgoing = [{ to: 'all', frame: this.frame(round, BROADCAST, payload) }];
        output.outcome = { kind: 'failure', failure: this.withEvidence(advance.failure) };
      }
    }
  }

  private send(payloads: RoundPayloads, output: Output<R, P>): void {
    this.round += 1;
    const broadcast = this.frame(this.round, BROADCAST, payloads.broadcast);
    this.ownBroadcasts.set(this.round, broadcast);
    output.outgoing.push({ to: 'all', frame: broadcast });
    for (const [to, plaintext] of payloads.p2p ?? []) {
      output.outgoing.push({ to, frame: this.directFrame(to, plaintext) });
    }
  }

  private directFrame(to: number, plaintext: Uint8Array): Buffer {
    if (!this.ceremony.rounds[this.round - 1]?.encrypted) return this.frame(this.round, to, plaintext);
    const header = encodeHeader(this.frameHeader(this.round, to), plaintext.length + TAG_BYTES);
    const { secret, peerKey } = this.sharedWith(to);
    const context = {
      sid: this.sid,
      from: this.config.index,
      to,
      round: this.round,
      fromKey: this.exchangeKey.publicKey,
      toKey: peerKey,
    };
    return this.frame(this.round, to, encryptMessage(secret, context, header, plaintext));
  }

  private messages(round: number): RoundMessages {
    const broadcast = (from: number) => {
      const own = from === this.config.index ? this.ownBroadcasts.get(round) : undefined;
      const frame = own ? parseFrame(own) : this.mailbox.broadcast(round, from);
      if (!frame) throw new RangeError(`no broadcast of party ${from}`);
      return frame;
    };
    return {
      broadcast: (from) => broadcast(from).payload,
      frame: (from) => broadcast(from).bytes,
      direct: (from) => this.openDirect(round, from),
    };
  }

  private openDirect(round: number, from: number): Buffer {
    const frame = this.mailbox.direct(round, from);
    if (!frame) throw new RangeError(`no direct message of party ${from}`);
    if (!this.ceremony.rounds[round - 1]?.encrypted) return frame.payload;
    const { secret, peerKey } = this.sharedWith(from);
    const context = {
      sid: this.sid,
      from,
      to: this.config.index,
      round,
      fromKey: peerKey,
      toKey: this.exchangeKey.publicKey,
    };
    const header = frame.bytes.subarray(0, HEADER_BYTES);
    const plaintext = decryptMessage(secret, context, header, frame.payload);
    if (!plaintext) throw new ProtocolFailure('IDENT-P', 'session.aead', from);
    return plaintext;
  }

  private agreeOnKeys(): void {
    for (const peer of this.peers) {
      const payload = this.messages(1).broadcast(peer);
      const peerKey = payload.subarray(EXCHANGE_KEY_OFFSET, EXCHANGE_KEY_OFFSET + EXCHANGE_KEY_BYTES);
      const secret = this.exchangeKey.agree(peerKey);
      if (!secret) throw new ProtocolFailure('IDENT', 'session.xk', peer);
      this.sharedSecrets.set(peer, { secret, peerKey });
    }
  }

  private sharedWith(peer: number): { readonly secret: Buffer; readonly peerKey: Buffer } {
    const shared = this.sharedSecrets.get(peer);
    if (!shared) throw new RangeError(`no exchange key of party ${peer}`);
    return shared;
  }

  private interruptHeld(): void {
    for (const peer of this.peers) {
      const held = this.mailbox.broadcast(this.round, peer);
      if (held) this.ceremony.interrupt?.(this.round, held);
    }
  }

  private frame(round: number, to: number, payload: Uint8Array): Buffer {
    return encodeFrame(this.frameHeader(round, to), payload, this.config.sign);
  }

  private frameHeader(round: number, to: number): FrameHeader {
    return { ...this.header, round, from: this.config.index, to };
  }

  private withEvidence(failure: ProtocolFailure): ProtocolFailure {
    const { failureClass, check, accused, evidence } = failure;
    if (failureClass !== 'IDENT' || accused === undefined || evidence.length > 0) return failure;
    return new ProtocolFailure(failureClass, check, accused, this.mailbox.broadcastsOf(accused));
  }
}

interface Output<R, P> {
  pending?: P;
  outgoing: OutgoingFrame[];
  outcome?: SessionOutcome<R>;
}
