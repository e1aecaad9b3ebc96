/**
 * Presigning (specification section 7): three rounds after which every member of a committee S holds its part of B
 * presignatures, before any message is known. The rounds are files of `presign/`.
 *
 * Contract of the checks that kill a pair (5.7): 5.4 runs in the call that completes round 1, 6.4 and both Gamma checks in
 * the call that completes round 2, all under {@link PresignConfig.judge} and synchronously. When one fails, that call
 * returns `outcome` with class BAN and no outgoing frame: persist "pair dead", then erase the seeds of the pair.
 */
import { type KeyShare } from './key-share';
import { type RoundExpectation } from './mailbox';
import { type PairJudge } from './pair-judge';
import { type PresignatureBatch } from './presignature';
import { type PresignContext, presignContext } from './presign/context';
import { finalise } from './presign/finalise';
import { presignRounds } from './presign/payloads';
import { beginRound1, type Round1State, wipeRound1 } from './presign/round1';
import { answerRound1, type Round2State, wipeRound2 } from './presign/round2';
import { checkRound2, type Round3State } from './presign/round3';
import { bigintKernel, type RvoleKernel } from './rvole-kernel';
import {
  type Advance,
  type Ceremony,
  createSession,
  type RoundMessages,
  type RoundPayloads,
  type Session,
  type SessionConfig,
} from './session';

/** Inputs of one party. `start` has purpose `presign`, the committee as participants and the batch size. */
export interface PresignConfig extends SessionConfig {
  readonly keyShare: KeyShare;
  /** Runs the checks that kill a pair: its lock, its memory and its durable verdict. */
  readonly judge: PairJudge;
  /** Arithmetic of the multiplications; the BigInt reference when absent. */
  readonly kernel?: RvoleKernel;
}

/**
 * One party's run. All or nothing: any failure discards the batch, for everybody.
 *
 * @throws InvalidInput when the start is not valid or does not fit the key
 */
export function createPresignSession(config: PresignConfig): Session<PresignatureBatch> {
  const { start, index, keyShare, judge, random, kernel = bigintKernel } = config;
  return createSession(
    config,
    new PresignCeremony(presignContext(start, index, { key: keyShare, judge, random, kernel })),
  );
}

class PresignCeremony implements Ceremony<PresignatureBatch> {
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
