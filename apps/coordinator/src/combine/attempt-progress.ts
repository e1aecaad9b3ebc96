import { type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type SignPartial, type SignRefused } from '@quorate/protocol';
import { type KeyRegistry, type UsableKey } from '../key-registry/key-registry';
import { type Answer } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { type CommitteeChoice } from '../sign-request/committee-choice';
import { type CommitteeChosen, type Refusal } from '../sign-request/events';
import { type OpenedRequest } from '../sign-request/opened-request';
import { currentAttempt, isFinalRefusal } from '../sign-request/sign-request';
import { combine } from './combine';

/** After a refusal the other members have this long to answer, so that their refusals count at once. */
const REFUSAL_PATIENCE_MS = 100;

/** Moves a request on when its nodes have answered: combine, another committee, or the end. */
export class AttemptProgress {
  constructor(
    private readonly keys: KeyRegistry,
    private readonly choice: CommitteeChoice,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** @param answers all answers to any attempt of this request */
  async advance(tx: StoreTransaction, request: OpenedRequest, answers: readonly Answer[]): Promise<void> {
    const { state } = request;
    if (state.status !== 'open') return;
    const key = await this.keyOf(state.request.keyId, Math.max(...state.attempts.map(({ epoch }) => epoch)));
    if (key === undefined) return;
    for (const attempt of state.attempts) {
      if (request.state.status !== 'open') return;
      const partials = partialsOf(attempt, answers);
      if (partials.length === attempt.committee.length) this.complete(request, key, attempt, partials);
    }
    if (request.state.status !== 'open') return;
    const attempt = currentAttempt(request.state);
    if (attempt === undefined) return;
    const refusals = refusalsOf(attempt, answers);
    if (refusals.length === 0) return;
    const partials = partialsOf(attempt, answers);
    const isAnswered = refusals.length + partials.length === attempt.committee.length;
    const known = request.state.refusals.filter(isFinalRefusal).map((refusal) => refusal.node);
    const final = new Set([...known, ...refusals.filter(isFinalRefusal).map((refusal) => refusal.node)]);
    if (isAnswered || key.participants.length - final.size < key.threshold) {
      await this.giveUp(request, attempt, refusals[0]?.reason ?? 'refused', answers);
    } else {
      const at = new Date(this.clock.now().getTime() + REFUSAL_PATIENCE_MS);
      tx.schedule('sign', request.streamId, at, { attempt: attempt.attempt, resent: 1 });
    }
  }

  /**
   * Ends an attempt that cannot succeed any more and takes the next committee, if there is one.
   * @param heard members whose answers have arrived, though they are not among `answers` yet
   */
  async giveUp(
    request: OpenedRequest,
    attempt: CommitteeChosen,
    reason: string,
    answers: readonly Answer[],
    heard: readonly string[] = [],
  ): Promise<void> {
    const key = await this.keyOf(attempt.keyId, attempt.epoch);
    if (key === undefined) return;
    const { participants, threshold } = key;
    const answered = partialsOf(attempt, answers).map((partial) => partial.node);
    const refusals = refusalsOf(attempt, answers);
    const causationId = attempt.presignatureId;
    request.execute(
      {
        kind: 'give-up-attempt',
        attempt: attempt.attempt,
        reason,
        refusals,
        answered,
        heard,
        participants,
        threshold,
        now: this.clock.now(),
      },
      causationId,
    );
    this.choice.choose(request, causationId);
  }

  private complete(
    request: OpenedRequest,
    key: UsableKey,
    attempt: CommitteeChosen,
    partials: readonly SignPartial[],
  ): void {
    const { state } = request;
    if (state.status !== 'open') return;
    const combination = combine(key, state.request, attempt, partials);
    const causationId = partials.at(-1)?.id ?? attempt.presignatureId;
    const now = this.clock.now();
    if (combination.kind === 'signature') {
      const { signature, publicKey, address } = combination;
      const { scheme } = key;
      request.execute(
        { kind: 'complete', attempt: attempt.attempt, scheme, signature, publicKey, address, now },
        causationId,
      );
      return;
    }
    if (currentAttempt(state)?.attempt !== attempt.attempt) return;
    const { requester, requestId, committee } = attempt;
    const { reason, accused } = combination;
    this.logger.error({ requester, requestId, committee, reason, accused }, 'the shares do not combine');
    request.execute(
      {
        kind: 'give-up-attempt',
        attempt: attempt.attempt,
        reason,
        refusals: [],
        answered: committee,
        heard: [],
        ...(accused !== undefined && { accused }),
        participants: key.participants,
        threshold: key.threshold,
        now,
      },
      causationId,
    );
    this.choice.choose(request, causationId);
  }

  /**
   * The key of an accepted request is in the database, though perhaps not yet in this coordinator's memory. One that was
   * retired since still makes signatures of what its nodes signed before.
   * @param epoch in which the nodes were asked, as any coordinator may have
   */
  private async keyOf(keyId: string, epoch: number): Promise<UsableKey | undefined> {
    const known = this.keys.known(keyId);
    if (known === undefined || known.epoch < epoch) await this.keys.refresh();
    return this.keys.isContradicted(keyId) ? undefined : this.keys.known(keyId);
  }
}

export function partialsOf(attempt: CommitteeChosen, answers: readonly Answer[]): SignPartial[] {
  return ofAttempt(attempt, answers).filter((data) => data.type === 'quorate.sign.partial.v1');
}

export function refusalsOf(attempt: CommitteeChosen, answers: readonly Answer[]): Refusal[] {
  return ofAttempt(attempt, answers)
    .filter((data) => data.type === 'quorate.sign.refused.v1')
    .map(({ node, code, rule, reason }) => ({ node, code, rule: rule ?? null, reason }));
}

function ofAttempt(attempt: CommitteeChosen, answers: readonly Answer[]): (SignPartial | SignRefused)[] {
  return answers.filter((answer) => answer.attempt === attempt.attempt).map((answer) => answer.data);
}
