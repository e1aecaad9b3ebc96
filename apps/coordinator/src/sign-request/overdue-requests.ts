import { type DueRow, type StoreTransaction } from '@quorate/event-store';
import { z } from 'zod';
import { type AttemptProgress, partialsOf, refusalsOf } from '../combine/attempt-progress';
import { type Assignments } from '../node-session/assignments';
import { type NodeSessions } from '../node-session/node-sessions';
import { type TurnAway } from '../node-session/turn-away';
import { type AnswerRecords } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { type PresignBatches } from '../ports/presign-batches.port';
import { attemptName, type Conduct } from '../quarantine/conduct';
import { type Pulse } from '../quarantine/pulse';
import { type EarlyEnding } from './early-endings';
import { type CommitteeChosen } from './events';
import { type OpenedRequest } from './opened-request';
import { currentAttempt, identityOfStream, MAX_ATTEMPTS, type OpenRequest } from './sign-request';
import { type SignRequests, WAITING_LOOK_MS } from './sign-requests';

const dueData = z.object({ attempt: z.int(), resent: z.int() });

/** How long after its start a coordinator waits for nodes to connect before it calls one gone. */
const NODES_CONNECT_MS = 10_000;
const RECONNECT_LOOK_MS = 300;
/** An answer that was heard is stored by then; otherwise it fits no attempt, or got lost, and no node signs twice. */
const STORED_WITHIN_MS = 2_000;
/** Answers of nodes that are not quiet are awaited this long before the same task is sent again. */
const RESEND_MS = 1_500;
/** The task of the last attempt is sent again less and less often, but at least this often. */
const RESEND_MAX_MS = 10_000;

/** What is done about a request whose next_action_at has come, by whichever coordinator takes the row. */
export class OverdueRequests {
  private readonly startedAt: number;

  constructor(
    private readonly requests: SignRequests,
    private readonly answers: AnswerRecords,
    private readonly batches: PresignBatches,
    private readonly attempts: AttemptProgress,
    private readonly assignments: Assignments,
    private readonly sessions: NodeSessions,
    private readonly turnAway: TurnAway,
    private readonly pulse: Pulse,
    private readonly conduct: Conduct,
    private readonly endings: EarlyEnding,
    private readonly clock: Clock,
    /** Has the waiting requests of a key served. */
    private readonly wake: (keyId: string) => void,
  ) {
    this.startedAt = clock.now().getTime();
  }

  async handle(tx: StoreTransaction, row: DueRow): Promise<void> {
    const request = (await this.requests.open(tx, [identityOfStream(row.key)])).get(row.key);
    if (request === undefined || request.state.status !== 'open') return;
    const now = this.clock.now();
    const answers = await this.answers.ofRequest(tx, row.key);
    await this.attempts.advance(tx, request, answers);
    this.endings.end(request);
    request.execute({ kind: 'lapse', now }, row.key);
    if (request.added.length === 0) await this.continue(tx, request, request.state, row, answers);
    this.requests.save(tx, [request]);
  }

  private async continue(
    tx: StoreTransaction,
    request: OpenedRequest,
    state: OpenRequest,
    row: DueRow,
    answers: Awaited<ReturnType<AnswerRecords['ofRequest']>>,
  ): Promise<void> {
    const attempt = currentAttempt(state);
    if (attempt === undefined) {
      // The waiting room serves in order; this look only makes sure that it is asked again.
      tx.afterCommit(() => this.wake(state.request.keyId));
      this.lookAgain(tx, request, state, WAITING_LOOK_MS, row);
      return;
    }
    const refusals = refusalsOf(attempt, answers);
    if (refusals.length > 0) {
      await this.attempts.giveUp(request, attempt, refusals[0]?.reason ?? 'refused', answers);
      return;
    }
    const name = attemptName(request.streamId, attempt.attempt);
    const answered: string[] = partialsOf(attempt, answers).map((partial) => partial.node);
    const unstored = attempt.committee.filter((node) => !answered.includes(node));
    const sinceAnswer = (node: string) => this.pulse.sinceAnswer(node, name) ?? Infinity;
    const heard = unstored.filter((node) => sinceAnswer(node) < STORED_WITHIN_MS);
    const missing = unstored.filter((node) => !heard.includes(node));
    const presence = await this.presenceOf(tx, attempt, missing);
    if (presence === 'unknown') {
      this.lookAgain(tx, request, state, RECONNECT_LOOK_MS, row);
      return;
    }
    const resent = resentOf(row, attempt);
    const reason =
      presence === 'gone'
        ? `${missing.join(', ')} left before answering`
        : this.whyNotWait(tx, attempt, missing, resent);
    if (reason === undefined) {
      this.waitOn(tx, request, state, attempt, { name, unstored, resent });
      return;
    }
    const unusable = missing.filter((node) => sinceAnswer(node) < Infinity);
    tx.afterCommit(() => unusable.forEach((node) => this.conduct.unusableAnswer(node)));
    await this.attempts.giveUp(request, attempt, reason, answers, heard);
  }

  /** The last attempt is never given up for silence: the answers may only wait for the broker. */
  private whyNotWait(
    tx: StoreTransaction,
    { attempt }: CommitteeChosen,
    missing: readonly string[],
    resent: number,
  ): string | undefined {
    if (attempt >= MAX_ATTEMPTS || missing.length === 0) return undefined;
    const quiet = missing.filter((node) => this.pulse.silenceOf(node) !== undefined);
    if (quiet.length > 0) {
      this.turnAwayFrom(tx, quiet);
      return `${quiet.join(', ')} fell silent`;
    }
    return resent > 0 ? `no answer from ${missing.join(', ')} in time` : undefined;
  }

  /** Looks again when answers usually have come; asks again when that was long ago. */
  private waitOn(
    tx: StoreTransaction,
    request: OpenedRequest,
    state: OpenRequest,
    attempt: CommitteeChosen,
    { name, unstored, resent }: { name: string; unstored: readonly string[]; resent: number },
  ): void {
    const row = { attempt: attempt.attempt, resent };
    const age = this.pulse.ageOf(name);
    if (resent === 0 && age !== undefined && age < RESEND_MS) {
      this.lookAgain(tx, request, state, Math.min(this.pulse.patienceMs(), RESEND_MS - age), { data: row });
      return;
    }
    tx.afterCommit(() => this.assignments.assign(state, attempt, unstored));
    const patience = Math.min(RESEND_MS * 2 ** resent, RESEND_MAX_MS);
    this.lookAgain(tx, request, state, patience, { data: { ...row, resent: resent + 1 } });
  }

  /** What else waits for a node that has just fallen silent is looked at as well. */
  private turnAwayFrom(tx: StoreTransaction, quiet: readonly string[]): void {
    for (const node of quiet) {
      const silence = this.pulse.silenceOf(node) ?? 0;
      if (this.conduct.silent(node, silence)) tx.afterCommit(() => void this.turnAway.from(node));
    }
  }

  /**
   * Whether the members still live the life in which they made the presignature. Right after its own start a coordinator
   * cannot tell a node that has not connected yet from one that is gone.
   */
  private async presenceOf(
    tx: StoreTransaction,
    attempt: CommitteeChosen,
    members: readonly string[],
  ): Promise<'present' | 'gone' | 'unknown'> {
    const [batch] = await this.batches.find(tx, [attempt.sessionId]);
    if (batch === undefined) return 'gone';
    const absent = members.filter((node) => !this.sessions.isConnected(node, batch.bootIds[node] ?? ''));
    if (absent.length === 0) return 'present';
    const isYoung = this.clock.now().getTime() < this.startedAt + NODES_CONNECT_MS;
    return isYoung && absent.some((node) => !this.sessions.wasSeen(node)) ? 'unknown' : 'gone';
  }

  private lookAgain(
    tx: StoreTransaction,
    request: OpenedRequest,
    state: OpenRequest,
    ms: number,
    row: Pick<DueRow, 'data'>,
  ): void {
    const deadline = new Date(state.request.deadline).getTime();
    const at = new Date(Math.min(this.clock.now().getTime() + ms, deadline));
    tx.schedule('sign', request.streamId, at, row.data);
  }
}

/** How often the task of this attempt was sent again; a row of an earlier attempt says nothing about it. */
function resentOf(row: DueRow, attempt: CommitteeChosen): number {
  const parsed = dueData.safeParse(row.data);
  return parsed.success && parsed.data.attempt === attempt.attempt ? parsed.data.resent : 0;
}
