/** The common session: transport around a ceremony (specification section 2). The interfaces are in session.ts. */
import { DirectChannels } from './direct-channels';
import { InvalidInput, ProtocolFailure } from '../errors';
import { BROADCAST, ed25519PublicKey, encodeFrame, type Frame, type FrameHeader, parseFrame } from './frame';
import { expectationOf, Mailbox, sessionHeader, type SessionHeader } from './mailbox';
import { EXCHANGE_KEY_BYTES } from './p2p-encryption';
import {
  type Ceremony,
  type OutgoingFrame,
  type RoundMessages,
  type RoundPayloads,
  type Session,
  type SessionConfig,
  type SessionOutcome,
  type StepOutput,
} from './session';
import { sessionId } from './session-id';

const NONCE_BYTES = 32;

interface Output<R, P> {
  pending?: P;
  outgoing: OutgoingFrame[];
  outcome?: SessionOutcome<R>;
}

export class CeremonySession<R, P> implements Session<R, P> {
  readonly sid: Buffer;
  private readonly header: SessionHeader;
  private readonly mailbox: Mailbox;
  private readonly peers: readonly number[];
  private readonly channels: DirectChannels;
  /** Own signed broadcasts by round. */
  private readonly ownBroadcasts = new Map<number, Frame>();
  /** 0 before the start. */
  private round = 0;
  private ended = false;

  constructor(
    private readonly config: SessionConfig,
    private readonly ceremony: Ceremony<R, P>,
  ) {
    const { start, index, random } = config;
    this.sid = sessionId(start);
    const others = start.participants.filter((participant) => participant.index !== index);
    if (others.length === start.participants.length) throw new InvalidInput('this party is no participant');
    this.peers = others.map((participant) => participant.index);
    this.header = sessionHeader(start, this.sid);
    const identityKeys = new Map(others.map((other) => [other.index, ed25519PublicKey(other.identityKey)]));
    this.mailbox = new Mailbox(this.header, index, identityKeys, ceremony.rounds);
    this.channels = new DirectChannels(random);
  }

  start(): StepOutput<R, P> {
    if (this.round !== 0 || this.ended) throw new InvalidInput('a session starts once');
    return this.step((output) => {
      this.send(this.ceremony.begin(this.channels.publicKey), output);
      this.progress(output);
    });
  }

  receive(bytes: Uint8Array): StepOutput<R, P> {
    if (this.ended) return { outgoing: [], dropped: 'ended' };
    const delivery = this.mailbox.deliver(bytes);
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
    this.channels.wipe();
    this.mailbox.clear();
  }

  /** Runs an action; a failure in it discards everything that the action would have sent. */
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
        this.interruptByHeld();
      } else if (advance.kind === 'result') {
        output.outcome = advance;
      } else {
        const { round, payload } = advance.announcement;
        const frame = this.frame(round, BROADCAST, payload);
        const { failureClass, check, accused, evidence } = advance.failure;
        const failure =
          evidence.length > 0
            ? new ProtocolFailure(failureClass, check, accused, [...evidence, frame])
            : this.withEvidence(advance.failure);
        output.outgoing = [{ to: 'all', frame }];
        output.outcome = { kind: 'failure', failure };
      }
    }
  }

  /** Begins the next round. */
  private send(payloads: RoundPayloads, output: Output<R, P>): void {
    this.round += 1;
    const broadcast = this.frame(this.round, BROADCAST, payloads.broadcast);
    const parsed = parseFrame(broadcast);
    if (!parsed) throw new RangeError('own broadcast is malformed');
    this.ownBroadcasts.set(this.round, parsed);
    output.outgoing.push({ to: 'all', frame: broadcast });
    const encrypted = this.isEncrypted(this.round, this.config.index);
    for (const [to, plaintext] of payloads.p2p ?? []) {
      const header = this.frameHeader(this.round, to);
      const payload = encrypted ? this.channels.seal(header, plaintext) : [plaintext];
      output.outgoing.push({ to, frame: encodeFrame(header, payload, this.config.sign) });
    }
  }

  private messages(round: number): RoundMessages {
    const broadcast = (from: number): Frame => {
      const isOwn = from === this.config.index;
      const frame = isOwn ? this.ownBroadcasts.get(round) : this.mailbox.broadcast(round, from);
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
    if (!this.isEncrypted(round, from)) return frame.payload;
    const plaintext = this.channels.open(frame);
    if (!plaintext) throw new ProtocolFailure('IDENT-P', 'session.aead', from);
    return plaintext;
  }

  private isEncrypted(round: number, sender: number): boolean {
    return expectationOf(this.ceremony.rounds, round, sender)?.encrypted === true;
  }

  private agreeOnKeys(): void {
    for (const peer of this.peers) {
      const offset = this.ceremony.exchangeKeyOffset ? this.ceremony.exchangeKeyOffset(peer) : NONCE_BYTES;
      if (offset === undefined) continue;
      const peerKey = this.messages(1)
        .broadcast(peer)
        .subarray(offset, offset + EXCHANGE_KEY_BYTES);
      if (!this.channels.agree(peer, peerKey)) throw new ProtocolFailure('IDENT', 'session.xk', peer);
    }
  }

  private interruptByHeld(): void {
    for (const peer of this.peers) {
      const held = this.mailbox.broadcast(this.round, peer);
      if (held) this.ceremony.interrupt?.(this.round, held);
    }
  }

  private frame(round: number, to: number, payload: Uint8Array): Buffer {
    return encodeFrame(this.frameHeader(round, to), [payload], this.config.sign);
  }

  private frameHeader(round: number, to: number): FrameHeader {
    return { ...this.header, round, from: this.config.index, to };
  }

  /** Attaches the signed broadcasts that convict the accused or, after a digest mismatch, that the parties compare. */
  private withEvidence(failure: ProtocolFailure): ProtocolFailure {
    const { failureClass, check, accused, evidence } = failure;
    if (evidence.length > 0 || (failureClass !== 'IDENT' && failureClass !== 'AGREE')) return failure;
    const parties = accused === undefined ? this.peers : [accused];
    const broadcasts = parties.flatMap((party) => this.mailbox.broadcastsOf(party));
    return new ProtocolFailure(failureClass, check, accused, broadcasts);
  }
}
