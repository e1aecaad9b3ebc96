/** The rounds of key generation behind the common session (specification section 3). */
import { CONFIRMATION_ROUND, confirmationPayload } from './certificate';
import { encodeComplaint, judgeComplaint, parseComplaint } from '../sharing/complaint';
import { ProtocolFailure } from '../errors';
import { type Frame, SIGNATURE_BYTES } from '../session/frame';
import { type KeyShare, type PendingKeyShare } from './key-share';
import { type RoundExpectation } from '../session/mailbox';
import { type Advance, type Ceremony, type RoundMessages, type RoundPayloads } from '../session/session';
import { convictUnless, entryOf, type KeygenContext, mapParties } from './context';
import { encodeAbort, keygenRounds, kindOfResult } from './messages';
import { type Chosen, commitToPolynomial } from './round1';
import { type Committed, openCommitment } from './round2';
import { dealShares, type Opened } from './round3';
import { BadShare, confirmKey, type Confirming, shareContext } from './round4';

type Phase =
  | { readonly round: 0 }
  | { readonly round: 1; readonly chosen: Chosen }
  | { readonly round: 2; readonly committed: Committed }
  | { readonly round: 3; readonly opened: Opened }
  | { readonly round: 4; readonly opened: Opened; readonly confirming: Confirming };

export class KeygenCeremony implements Ceremony<KeyShare, PendingKeyShare> {
  readonly rounds: readonly RoundExpectation[];
  private phase: Phase = { round: 0 };
  /** Signed broadcasts of the rounds that are over, by party. */
  private readonly broadcasts: Map<number, Buffer[]>;

  constructor(private readonly context: KeygenContext) {
    this.rounds = keygenRounds(context.start.parties, context.start.threshold);
    this.broadcasts = mapParties(context.parties, () => []);
  }

  begin(exchangeKey: Buffer): RoundPayloads {
    const { chosen, payloads } = commitToPolynomial(this.context, exchangeKey);
    this.phase = { round: 1, chosen };
    return payloads;
  }

  advance(_round: number, messages: RoundMessages): Advance<KeyShare, PendingKeyShare> {
    for (const [party, frames] of this.broadcasts) frames.push(messages.frame(party));
    if (this.phase.round === 4) return this.certify(this.phase.confirming, messages);
    try {
      return this.nextRound(messages);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      // the slot of round 4 is free: the others need not wait for a confirmation that will not come
      const payload =
        error instanceof BadShare
          ? encodeComplaint(error.complaint)
          : encodeAbort(error.failureClass, error.accused);
      return { kind: 'failure', failure: error, announcement: { round: CONFIRMATION_ROUND, payload } };
    }
  }

  /** Ends at once when another party aborts, and judges complaints as soon as round 3 is complete. */
  interrupt(_currentRound: number, broadcast: Frame): void {
    if (broadcast.round !== CONFIRMATION_ROUND) return;
    const kind = kindOfResult(broadcast.payload);
    convictUnless(kind !== undefined, 'keygen.r4.form', broadcast.from);
    if (kind === 'abort') throw new ProtocolFailure('UNATTRIBUTED', 'keygen.r4.abort');
    if (kind === 'complaint' && this.phase.round === 4) this.judge(broadcast, this.phase);
  }

  wipe(): void {
    this.context.secrets.wipe();
    this.phase = { round: 0 };
  }

  private nextRound(messages: RoundMessages): Advance<KeyShare, PendingKeyShare> {
    const { context, phase } = this;
    switch (phase.round) {
      case 1: {
        const { committed, payloads } = openCommitment(context, phase.chosen, messages);
        this.phase = { round: 2, committed };
        return { kind: 'send', payloads };
      }
      case 2: {
        const { opened, payloads } = dealShares(context, phase.committed, messages);
        this.phase = { round: 3, opened };
        return { kind: 'send', payloads };
      }
      case 3: {
        const { confirming, payloads } = confirmKey(context, phase.opened, messages);
        this.phase = { round: 4, opened: phase.opened, confirming };
        return { kind: 'send', payloads, pending: confirming.pending };
      }
      default:
        throw new RangeError('key generation is not in a round');
    }
  }

  /** n identical confirmations make the certificate. */
  private certify(confirming: Confirming, messages: RoundMessages): Advance<KeyShare, PendingKeyShare> {
    const { start, sid, parties } = this.context;
    const expected = confirmationPayload(confirming.facts);
    for (const party of parties) {
      if (!messages.broadcast(party).equals(expected)) {
        throw new ProtocolFailure('AGREE', 'keygen.r4.confirmation');
      }
    }
    const signatures = mapParties(parties, (party) =>
      Buffer.from(messages.frame(party).subarray(-SIGNATURE_BYTES)),
    );
    const certificate = { suite: start.suite, epoch: start.epoch, sid, ...confirming.facts, signatures };
    return { kind: 'result', value: { ...confirming.pending, certificate } };
  }

  private judge(broadcast: Frame, { opened, confirming }: Phase & { round: 4 }): void {
    const complainer = broadcast.from;
    const complaint = parseComplaint(broadcast.payload);
    const isFormed = complaint && complaint.accused !== complainer && opened.openings.has(complaint.accused);
    convictUnless(isFormed === true, 'keygen.r4.form', complainer);
    const dealer = complaint.accused;
    const verdict = judgeComplaint(
      complaint,
      shareContext(opened, dealer, complainer),
      entryOf(entryOf(confirming.dealings, dealer).shares, complainer),
      entryOf(opened.openings, dealer).commitments,
    );
    const evidence = [
      ...entryOf(this.broadcasts, dealer),
      ...entryOf(this.broadcasts, complainer),
      broadcast.bytes,
    ];
    if (verdict === 'dealer') throw new ProtocolFailure('IDENT', 'keygen.r3.share', dealer, evidence);
    throw new ProtocolFailure('IDENT', 'keygen.r4.unfounded-complaint', complainer, evidence);
  }
}
