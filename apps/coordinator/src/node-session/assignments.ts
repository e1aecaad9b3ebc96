import { childSpan } from '@quorate/platform';
import { fromHex } from '@quorate/protocol';
import { type OpenedRequest } from '../sign-request/opened-request';
import { currentAttempt, type OpenRequest } from '../sign-request/sign-request';
import { type CommitteeChosen } from '../sign-request/events';
import { type SignTask } from '../ports/node-link.port';
import { attemptName, type Conduct } from '../quarantine/conduct';
import { type Pulse } from '../quarantine/pulse';
import { type NodeSessions } from './node-sessions';

/**
 * Sign tasks on their way: sends them to the committee and remembers which nodes this coordinator waits for. Memory
 * only, because the deadlines in the database bring back what a crash forgets.
 */
export class Assignments {
  private readonly open = new Map<string, CommitteeChosen & { readonly deadline: string }>();

  constructor(
    private readonly sessions: NodeSessions,
    private readonly pulse: Pulse,
    private readonly conduct: Conduct,
  ) {}

  /** After a commit: assigns a new attempt, forgets a request that has ended. */
  update(request: OpenedRequest): void {
    const { state, streamId } = request;
    this.judge(request);
    const attempt = state.status === 'open' ? currentAttempt(state) : undefined;
    if (state.status !== 'open' || attempt === undefined) {
      this.forget(streamId);
      return;
    }
    const isNew = request.added.some((event) => event.type === 'quorate.sign.committee-chosen.v1');
    if (!isNew) return;
    this.forget(streamId);
    this.open.set(streamId, { ...attempt, deadline: state.request.deadline });
    this.pulse.asked(attemptName(streamId, attempt.attempt), attempt.committee);
    this.forgetOverdue();
    this.assign(state, attempt, attempt.committee);
  }

  /** Members of an attempt that this coordinator waits for. */
  committeeOf(streamId: string, attempt: number): readonly string[] | undefined {
    const open = this.open.get(streamId);
    return open?.attempt === attempt ? open.committee : undefined;
  }

  /** Sends the task to these members; one that has answered before answers the same again. */
  assign(state: OpenRequest, attempt: CommitteeChosen, members: readonly string[]): void {
    const span = childSpan('sign.assign', state.request.traceparent, {
      attributes: { 'quorate.attempt': attempt.attempt, 'quorate.committee': [...attempt.committee] },
    });
    const signTask = taskOf(state, attempt, span?.traceparent);
    for (const node of members) this.sessions.send(node, { signTask });
    span?.end();
  }

  /** Requests whose current attempt needs this node. */
  involving(node: string): { streamId: string; attempt: number }[] {
    return [...this.open]
      .filter(([, { committee }]) => committee.includes(node))
      .map(([streamId, { attempt }]) => ({ streamId, attempt }));
  }

  /** The request of a task that a node did not take. */
  streamOfTask(taskId: string): { streamId: string; attempt: number } | undefined {
    for (const [streamId, attempt] of this.open) {
      if (taskIdOf(attempt) === taskId) return { streamId, attempt: attempt.attempt };
    }
    return undefined;
  }

  count(): number {
    return this.open.size;
  }

  /** What the end of the attempt under way says about its committee. */
  private judge({ streamId, added }: OpenedRequest): void {
    const attempt = this.open.get(streamId);
    if (attempt === undefined) return;
    for (const { type, data } of added) {
      // A signature from an attempt that was given up came too late to count as good work.
      if (type === 'quorate.sign.completed.v1') {
        if (data.presignatureId === attempt.presignatureId) this.conduct.worked(attempt.committee);
        return;
      }
    }
    for (const { type, data } of added) {
      if (type !== 'quorate.sign.retried.v1' || data.accused === undefined) continue;
      this.conduct.wrongShare(data.accused);
      return;
    }
    const everybodySigned = added.some(
      ({ type, data }) =>
        type === 'quorate.sign.partial-received.v1' &&
        data.attempt === attempt.attempt &&
        data.nodes.length === attempt.committee.length,
    );
    if (everybodySigned) this.conduct.sharesDidNotCombine(attempt.committee);
  }

  private forget(streamId: string): void {
    const attempt = this.open.get(streamId);
    if (attempt === undefined) return;
    this.open.delete(streamId);
    this.pulse.forget(attemptName(streamId, attempt.attempt));
  }

  /** The oldest first: another coordinator may have ended them. */
  private forgetOverdue(): void {
    const now = Date.now();
    for (const [streamId, { deadline }] of this.open) {
      if (Date.parse(deadline) > now) return;
      this.forget(streamId);
    }
  }
}

function taskIdOf({ requester, requestId, attempt }: CommitteeChosen): string {
  return `${requester}/${requestId}/${attempt}`;
}

function taskOf({ request }: OpenRequest, attempt: CommitteeChosen, traceparent = ''): SignTask {
  return {
    taskId: taskIdOf(attempt),
    value: Buffer.from(request.value, 'base64'),
    jws: request.jws,
    approvals: request.approvals ?? '',
    requester: request.requester,
    requestId: request.requestId,
    attempt: attempt.attempt,
    presignatureId: fromHex(attempt.presignatureId),
    sessionId: fromHex(attempt.sessionId),
    index: attempt.index,
    committee: [...attempt.committee],
    keyId: request.keyId,
    epoch: attempt.epoch,
    traceparent,
  };
}
