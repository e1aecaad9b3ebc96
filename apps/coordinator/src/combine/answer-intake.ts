import { type LogRecord } from '@quorate/messaging';
import { type StoreTransaction } from '@quorate/event-store';
import { type PeerDirectory } from '@quorate/platform';
import {
  type CeremonyEnded,
  type PartialRecord,
  partialSchema,
  type SignPartial,
  type SignRefused,
  verifyServiceRecord,
} from '@quorate/protocol';
import { type DeadLetters } from '../dead-letter/dead-letters';
import { type CeremonyResults } from '../ceremony/ceremony-results';
import { type Answer, type AnswerRecords } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { signStreamId } from '../sign-request/sign-request';
import { type OpenedRequest } from '../sign-request/opened-request';
import { type SignRequestMetrics } from '../sign-request/sign-request-metrics';
import { type SignRequests } from '../sign-request/sign-requests';
import { type AttemptProgress } from './attempt-progress';

/**
 * Takes in the records of mpc.partials: shares and refusals of sign requests, results of ceremonies. Works from Postgres
 * alone: the request may have been accepted by another coordinator.
 */
export class AnswerIntake {
  constructor(
    private readonly requests: SignRequests,
    private readonly answers: AnswerRecords,
    private readonly attempts: AttemptProgress,
    private readonly ceremonies: CeremonyResults,
    private readonly peers: PeerDirectory,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: SignRequestMetrics,
    private readonly clock: Clock,
  ) {}

  async handle(tx: StoreTransaction, records: readonly LogRecord[]): Promise<void> {
    const started = this.clock.now().getTime();
    const verified = this.verify(tx, records);
    const ended = verified.filter(
      (record): record is CeremonyEnded => record.type === 'quorate.ceremony.ended.v1',
    );
    const answers = verified.filter(
      (record): record is SignPartial | SignRefused => record.type !== 'quorate.ceremony.ended.v1',
    );
    if (ended.length > 0) await this.ceremonies.record(tx, ended);
    const hasMoved = answers.length > 0 && (await this.answer(tx, answers));
    if (!hasMoved && ended.length === 0 && verified.length === records.length) {
      // Nothing is published by this commit: a crash that loses it only brings the same records again.
      await tx.query('SET LOCAL synchronous_commit = off');
    }
    tx.afterCommit(() =>
      this.metrics.time(hasMoved ? 'combine' : 'collect', (this.clock.now().getTime() - started) / 1000),
    );
  }

  /** @returns whether any request moved on */
  private async answer(
    tx: StoreTransaction,
    records: readonly (SignPartial | SignRefused)[],
  ): Promise<boolean> {
    const opened = await this.requests.open(tx, records);
    const valid = records.flatMap((data): Answer[] => {
      const streamId = signStreamId(data.requester, data.requestId);
      const request = opened.get(streamId);
      return request !== undefined && answersAttempt(request, data)
        ? [{ streamId, attempt: data.attempt, node: data.node, data }]
        : [];
    });
    const all = await this.answers.add(tx, valid);
    for (const streamId of new Set(valid.map((answer) => answer.streamId))) {
      const request = opened.get(streamId);
      if (request === undefined) continue;
      const own = all.filter((answer) => answer.streamId === streamId);
      await this.attempts.advance(tx, request, own);
    }
    await this.requests.save(tx, opened.values());
    return [...opened.values()].some((request) => request.added.length > 0);
  }

  private verify(tx: StoreTransaction, records: readonly LogRecord[]): PartialRecord[] {
    const lookup = this.peers.lookup('node');
    return records.flatMap((record) => {
      const verified = verifyServiceRecord(record, { typ: 'partial', schema: partialSchema, lookup });
      if (verified.ok && verified.data.node === verified.kid) return [verified.data];
      const refusal = verified.ok
        ? { code: 'wrong-source', reason: `${verified.kid} signed a record of ${verified.data.node}` }
        : verified;
      this.deadLetters.add(tx, record, refusal);
      return [];
    });
  }
}

/** Whether the record answers an attempt of this request, from a member of its committee. */
function answersAttempt({ state }: OpenedRequest, data: SignPartial | SignRefused): boolean {
  if (state.status !== 'open' || state.request.requestHash !== data.requestHash) return false;
  const attempt = state.attempts.find((made) => made.attempt === data.attempt);
  return (
    attempt !== undefined &&
    attempt.presignatureId === data.presignatureId &&
    attempt.committee.includes(data.node)
  );
}
