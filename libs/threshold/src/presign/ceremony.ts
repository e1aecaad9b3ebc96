/** The rounds of presigning as one ceremony (specification section 7). */
import { type RoundExpectation } from '../session/mailbox';
import { type PresignatureBatch } from './presignature';
import { type Advance, type Ceremony, type RoundMessages, type RoundPayloads } from '../session/session';
import { type PresignContext } from './context';
import { finalise } from './finalise';
import { presignRounds } from './payloads';
import { beginRound1, type Round1State, wipeRound1 } from './round1';
import { answerRound1, type Round2State, wipeRound2 } from './round2';
import { checkRound2, type Round3State } from './round3';

/** One party's mathematics, without transport. */
export class PresignCeremony implements Ceremony<PresignatureBatch> {
  readonly rounds: readonly RoundExpectation[];
  private round1?: Round1State;
  private round2?: Round2State;
  private round3?: Round3State;

  constructor(private readonly context: PresignContext) {
    this.rounds = presignRounds(context.batch, context.xi);
  }

  begin(exchangeKey: Buffer): RoundPayloads {
    const { state, payloads } = beginRound1(this.context, exchangeKey);
    this.round1 = state;
    return payloads;
  }

  advance(_round: number, messages: RoundMessages): Advance<PresignatureBatch> {
    const { context, round1, round2, round3 } = this;
    if (!round1) throw new RangeError('round 1 has not begun');
    if (!round2) {
      const { state, payloads } = answerRound1(context, round1, messages);
      this.round2 = state;
      return { kind: 'send', payloads };
    }
    if (!round3) {
      const { state, payloads } = checkRound2(context, round1, round2, messages);
      this.round3 = state;
      return { kind: 'send', payloads };
    }
    return { kind: 'result', value: finalise(context, round1, round2, round3, messages) };
  }

  wipe(): void {
    if (this.round1) wipeRound1(this.round1);
    if (this.round2) wipeRound2(this.round2);
  }
}
