import { type DueRow, type StoreTransaction } from '@quorate/event-store';
import { z } from 'zod';
import { type AttemptProgress, partialsOf, refusalsOf } from '../combine/attempt-progress';
import { type Assignments } from '../node-session/assignments';
import { type NodeSessions } from '../node-session/node-sessions';
import { type AnswerRecords } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { type PresignBatches } from '../ports/presign-batches.port';
import { type CommitteeChosen } from './events';
import { type OpenedRequest } from './opened-request';
import { currentAttempt, identityOfStream, MAX_ATTEMPTS, type OpenRequest } from './sign-request';
import { ATTEMPT_PATIENCE_MS, type SignRequests, WAITING_LOOK_MS } from './sign-requests';

const dueData = z.object({ attempt: z.int(), resent: z.int() });

/** How long after its start a coordinator waits for nodes to connect before it calls one gone. */
const NODES_CONNECT_MS = 10_000;
const RECONNECT_LOOK_MS = 300;
/** How long a node that did not answer is avoided where others can do the work. */
const SUSPICION_MS = 5_000;
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
    const answered: string[] = partialsOf(attempt, answers).map((partial) => partial.node);
    const missing = attempt.committee.filter((node) => !answered.includes(node));
    const presence = await this.presenceOf(tx, attempt, missing);
    if (presence === 'gone') {
      await this.attempts.giveUp(request, attempt, `${missing.join(', ')} left before answering`, answers);
    } else if (presence === 'unknown') {
      this.lookAgain(tx, request, state, RECONNECT_LOOK_MS, row);
    } else if (resentOf(row, attempt) > 0 && attempt.attempt < MAX_ATTEMPTS) {
      for (const node of missing)
        this.sessions.suspect(node, new Date(this.clock.now().getTime() + SUSPICION_MS));
      await this.attempts.giveUp(request, attempt, `no answer from ${missing.join(', ')} in time`, answers);
    } else {
      // The last attempt is never given up for silence: the answers may only wait for the broker.
      const resent = resentOf(row, attempt) + 1;
      tx.afterCommit(() => this.assignments.assign(state, attempt, missing));
      this.lookAgain(tx, request, state, Math.min(ATTEMPT_PATIENCE_MS * 2 ** (resent - 1), RESEND_MAX_MS), {
        ...row,
        data: { attempt: attempt.attempt, resent },
      });
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
    row: DueRow,
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
