import { type LogRecord } from '@quorate/messaging';
import { type StoreTransaction } from '@quorate/event-store';
import { childSpan } from '@quorate/platform';
import {
  type CeremonyEnded,
  type DeadLetters,
  type SignPartial,
  type SignRefused,
  streams,
} from '@quorate/protocol';
import { type CeremonyResults } from '../ceremony/ceremony-results';
import { type Answer, type AnswerRecords } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { identityOfStream } from '../sign-request/sign-request';
import { type OpenedRequest } from '../sign-request/opened-request';
import { type SignRequestMetrics } from '../sign-request/sign-request-metrics';
import { type SignRequests } from '../sign-request/sign-requests';
import { type AttemptProgress } from './attempt-progress';
import { grouped } from './grouped';
import { oneAnswerEach } from './one-answer-each';
import { type PartialReader } from './partial-reader';

type SignAnswer = SignPartial | SignRefused;

/**
 * Takes in the records of mpc.partials: shares and refusals of sign requests, results of ceremonies. Works from Postgres
 * alone where it must: the request may have been accepted by another coordinator.
 */
export class AnswerIntake {
  constructor(
    private readonly requests: SignRequests,
    private readonly answers: AnswerRecords,
    private readonly attempts: AttemptProgress,
    private readonly ceremonies: CeremonyResults,
    private readonly reader: PartialReader,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: SignRequestMetrics,
    private readonly clock: Clock,
  ) {}

  async handle(tx: StoreTransaction, records: readonly LogRecord[]): Promise<void> {
    const started = this.clock.now().getTime();
    const ended: CeremonyEnded[] = [];
    const answers: SignAnswer[] = [];
    for (const record of records) {
      const read = this.reader.read(record);
      if (!read.ok) this.deadLetters.add(tx, record, read);
      else if (read.data.type === 'quorate.ceremony.ended.v1') ended.push(read.data);
      else answers.push(read.data);
    }
    if (ended.length > 0) await this.ceremonies.record(tx, ended);
    if (answers.length > 0) await this.answer(tx, answers);
    tx.afterCommit(() => this.metrics.time('combine', (this.clock.now().getTime() - started) / 1000));
  }

  private async answer(tx: StoreTransaction, records: readonly SignAnswer[]): Promise<void> {
    const byStream = grouped(records, ({ requester, requestId }) => streams.sign(requester, requestId));
    const opened = await this.open(tx, byStream);
    const known: { request: OpenedRequest; answers: Answer[] }[] = [];
    const incomplete: Answer[] = [];
    for (const [streamId, request] of opened) {
      const given = (byStream.get(streamId) ?? []).filter((data) => answersAttempt(request, data));
      const answers = oneAnswerEach(
        given.map((data) => ({ streamId, attempt: data.attempt, node: data.node, data })),
      );
      if (completesAttempt(request, answers)) known.push({ request, answers });
      else incomplete.push(...answers);
    }
    // Answers are stored only when they have to wait for others.
    const stored = grouped(await this.answers.add(tx, incomplete), ({ streamId }) => streamId);
    for (const [streamId, answers] of stored) {
      const request = opened.get(streamId);
      if (request !== undefined) known.push({ request, answers });
    }
    for (const { request, answers } of known) {
      this.metrics.answered(request.streamId);
      const span = childSpan('sign.combine', request.traceparent);
      await this.attempts.advance(tx, request, answers);
      if (span !== undefined) tx.afterCommit(() => span.end());
    }
    this.requests.save(tx, opened.values());
  }

  /** From memory what the answers fit, the rest from the database. */
  private async open(
    tx: StoreTransaction,
    byStream: ReadonlyMap<string, readonly SignAnswer[]>,
  ): Promise<Map<string, OpenedRequest>> {
    const opened = new Map<string, OpenedRequest>();
    const unknown: string[] = [];
    for (const [streamId, records] of byStream) {
      const request = this.requests.recall(streamId, (remembered) =>
        records.every((data) => answersAttempt(remembered, data)),
      );
      if (request === undefined) unknown.push(streamId);
      else opened.set(streamId, request);
    }
    if (unknown.length === 0) return opened;
    return new Map([...opened, ...(await this.requests.open(tx, unknown.map(identityOfStream)))]);
  }
}

/** Whether the record answers an attempt of this request, from a member of its committee. */
function answersAttempt({ state }: OpenedRequest, data: SignAnswer): boolean {
  if (state.status !== 'open' || state.request.requestHash !== data.requestHash) return false;
  const attempt = state.attempts.find((made) => made.attempt === data.attempt);
  return (
    attempt !== undefined &&
    attempt.presignatureId === data.presignatureId &&
    attempt.committee.includes(data.node)
  );
}

/** Whether these answers alone are the shares of a whole committee. */
function completesAttempt({ state }: OpenedRequest, answers: readonly Answer[]): boolean {
  if (state.status !== 'open') return false;
  return state.attempts.some(({ attempt, committee }) =>
    committee.every((node) =>
      answers.some(
        (answer) =>
          answer.attempt === attempt &&
          answer.node === node &&
          answer.data.type === 'quorate.sign.partial.v1',
      ),
    ),
  );
}
