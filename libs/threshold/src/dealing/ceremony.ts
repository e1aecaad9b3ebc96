/** The four rounds of a dealing behind the common session (specification sections 3 and 13). */
import { encodeComplaint } from '../sharing/complaint';
import { ProtocolFailure } from '../errors';
import { type Frame, SIGNATURE_BYTES } from '../session/frame';
import { type RoundSchedule } from '../session/mailbox';
import { type Advance, type Ceremony, type RoundMessages, type RoundPayloads } from '../session/session';
import { convictUnless, type DealingContext, type PublicDealings } from './context';
import { formedComplaint, judge } from './judgement';
import { entryOf, mapParties } from './party-map';
import { CONFIRMATION_ROUND, encodeAbort, isDisagreement, kindOfResult } from './result';
import { BadShare } from './shares';

/** What is known after a round, and what this party sends in the next. */
export interface Step<State> {
  readonly state: State;
  readonly payloads: RoundPayloads;
}

/** The state after round 3. */
export interface Confirming<R, P> {
  /** Own broadcast of round 4, which all others must repeat. */
  readonly confirmation: Buffer;
  readonly pending: P;
  readonly dealings: PublicDealings;
  /** The result, once everyone confirmed. */
  certify(signatures: ReadonlyMap<number, Buffer>): R;
}

/** The mathematics of a way of dealing: each round makes its state from that of the round before. */
export interface Dealing<Chosen, Committed, Opened, R, P> {
  readonly context: DealingContext;
  readonly rounds: RoundSchedule;
  readonly exchangeKeyOffset: (sender: number) => number | undefined;
  commit(exchangeKey: Buffer): Step<Chosen>;
  open(chosen: Chosen, messages: RoundMessages): Step<Committed>;
  deal(committed: Committed, messages: RoundMessages): Step<Opened>;
  confirm(opened: Opened, messages: RoundMessages): Confirming<R, P>;
}

type Phase<Chosen, Committed, Opened, R, P> =
  | { readonly round: 0 }
  | { readonly round: 1; readonly state: Chosen }
  | { readonly round: 2; readonly state: Committed }
  | { readonly round: 3; readonly state: Opened }
  | { readonly round: 4; readonly state: Confirming<R, P> };

export class DealingCeremony<Chosen, Committed, Opened, R, P> implements Ceremony<R, P> {
  readonly rounds: RoundSchedule;
  private phase: Phase<Chosen, Committed, Opened, R, P> = { round: 0 };
  /** Signed broadcasts of the rounds that are over, by party. */
  private readonly broadcasts: Map<number, Buffer[]>;

  constructor(private readonly dealing: Dealing<Chosen, Committed, Opened, R, P>) {
    this.rounds = dealing.rounds;
    this.broadcasts = mapParties(dealing.context.participants, () => []);
  }

  exchangeKeyOffset(sender: number): number | undefined {
    return this.dealing.exchangeKeyOffset(sender);
  }

  begin(exchangeKey: Buffer): RoundPayloads {
    const { payloads, state } = this.dealing.commit(exchangeKey);
    this.phase = { round: 1, state };
    return payloads;
  }

  advance(_round: number, messages: RoundMessages): Advance<R, P> {
    for (const [party, frames] of this.broadcasts) frames.push(messages.frame(party));
    if (this.phase.round === 4) return this.certify(this.phase.state, messages);
    try {
      return this.nextRound(messages);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      // the slot of round 4 is free: the others need not wait for a confirmation that will not come
      if (!(error instanceof BadShare))
        return aborting(error, encodeAbort(error.failureClass, error.accused));
      const { check, complaint } = error;
      const failure = new ProtocolFailure('IDENT', check, complaint.accused, this.dealt(complaint.accused));
      return aborting(failure, encodeComplaint(complaint));
    }
  }

  /** Ends at once when another party aborts, and judges complaints as soon as round 3 is complete. */
  interrupt(_currentRound: number, broadcast: Frame): void {
    if (broadcast.round !== CONFIRMATION_ROUND) return;
    const { name, group } = this.dealing.context;
    const kind = kindOfResult(group, broadcast.payload);
    convictUnless(kind !== undefined, `${name}.r4.form`, broadcast.from);
    if (kind === 'abort') {
      const failureClass = isDisagreement(broadcast.payload) ? 'AGREE' : 'UNATTRIBUTED';
      throw new ProtocolFailure(failureClass, `${name}.r4.abort`);
    }
    if (kind === 'complaint' && this.phase.round === 4) this.judgeComplaint(broadcast, this.phase.state);
  }

  wipe(): void {
    this.dealing.context.secrets.wipe();
    this.phase = { round: 0 };
  }

  private nextRound(messages: RoundMessages): Advance<R, P> {
    const { dealing, phase } = this;
    switch (phase.round) {
      case 1: {
        const { payloads, state } = dealing.open(phase.state, messages);
        this.phase = { round: 2, state };
        return { kind: 'send', payloads };
      }
      case 2: {
        const { payloads, state } = dealing.deal(phase.state, messages);
        this.phase = { round: 3, state };
        return { kind: 'send', payloads };
      }
      case 3: {
        const state = dealing.confirm(phase.state, messages);
        this.phase = { round: 4, state };
        return { kind: 'send', payloads: { broadcast: state.confirmation }, pending: state.pending };
      }
      default:
        throw new RangeError('the dealing is not in a round');
    }
  }

  /** Identical confirmations of everyone make the certificate. */
  private certify(confirming: Confirming<R, P>, messages: RoundMessages): Advance<R, P> {
    const { name, participants } = this.dealing.context;
    for (const party of participants) {
      if (!messages.broadcast(party).equals(confirming.confirmation)) {
        throw new ProtocolFailure('AGREE', `${name}.r4.confirmation`);
      }
    }
    const signatures = mapParties(participants, (party) =>
      Buffer.from(messages.frame(party).subarray(-SIGNATURE_BYTES)),
    );
    return { kind: 'result', value: confirming.certify(signatures) };
  }

  /** By what this party saw: `judgeEvidence` over the frames of all has the last word on a complaint that looks unfounded. */
  private judgeComplaint(broadcast: Frame, { dealings }: Confirming<R, P>): void {
    const { context } = this.dealing;
    const complaint = formedComplaint(context, broadcast.from, broadcast.payload);
    const { accused, check } = judge(context, dealings, broadcast.from, complaint);
    const evidence = [...this.dealt(complaint.accused), broadcast.bytes];
    throw new ProtocolFailure('IDENT', check, accused, evidence);
  }

  /**
   * What a complaint about a dealer is judged by: the broadcasts of round 1 of all, which make the ssid, and rounds 2 and 3
   * of the dealer.
   */
  private dealt(dealer: number): Buffer[] {
    const round1 = [...this.broadcasts.values()].flatMap(([frame]) => frame ?? []);
    return [...round1, ...entryOf(this.broadcasts, dealer).slice(1)];
  }
}

function aborting<R, P>(failure: ProtocolFailure, payload: Buffer): Advance<R, P> {
  return { kind: 'failure', failure, announcement: { round: CONFIRMATION_ROUND, payload } };
}
