import { type Metrics, setBounded } from '@quorate/platform';
import { type AddedEvent, type OpenedRequest } from './opened-request';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
/** Requests under way whose times are remembered; those of the oldest are given up. */
const MOST_FOLLOWED = 10_000;

/** When things happened to a request, in milliseconds of the process's clock. */
interface Progress {
  readonly acceptedAt: number;
  assignedAt?: number;
  /** When the batch was read that has the last answer so far. */
  answeredAt?: number;
}

/** What operators see of sign requests on /metrics. */
export class SignRequestMetrics {
  private readonly outcomes;
  private readonly retries;
  private readonly waitingRequests;
  private readonly stages;
  private readonly whole;
  private readonly refusals;
  private readonly missing;
  private readonly followed = new Map<string, Progress>();

  constructor(metrics: Metrics) {
    this.outcomes = metrics.counter({
      name: 'sign_requests_total',
      help: 'Sign requests by outcome: completed, or the code of the rejection',
      labelNames: ['outcome'],
    });
    this.retries = metrics.counter({ name: 'sign_retries_total', help: 'Attempts that were given up' });
    this.waitingRequests = metrics.counter({
      name: 'sign_waited_total',
      help: 'Requests that found no presignature in stock',
    });
    this.stages = metrics.histogram({
      name: 'sign_stage_seconds',
      help: 'Time of each stage of a sign request: queue, accept, committee, partials, combine',
      labelNames: ['stage'],
      buckets: SECONDS,
    });
    this.whole = metrics.histogram({
      name: 'sign_request_seconds',
      help: 'From the commit that accepts a request until the commit of its signature, where one coordinator saw both',
      buckets: SECONDS,
    });
    this.refusals = metrics.counter({
      name: 'sign_refusals_total',
      help: 'Attempts that were given up because of what a node answered, by node',
      labelNames: ['node'],
    });
    this.missing = metrics.counter({
      name: 'sign_missing_answers_total',
      help: 'Attempts that were given up without an answer of a node, by node',
      labelNames: ['node'],
    });
  }

  /** The answers of a request were read, at the beginning of what is committed with them. */
  answered(streamId: string): void {
    const progress = this.followed.get(streamId);
    if (progress !== undefined) progress.answeredAt = performance.now();
  }

  /** What was committed of a request, before its committee is asked. */
  saved({ streamId, state, added }: OpenedRequest): void {
    for (const event of added) this.note(streamId, event);
    if (state.status === 'closed') this.followed.delete(streamId);
  }

  private note(streamId: string, event: AddedEvent): void {
    switch (event.type) {
      case 'quorate.sign.requested.v1':
        return this.follow(streamId);
      case 'quorate.sign.committee-chosen.v1':
        return this.assigned(streamId);
      case 'quorate.sign.retried.v1':
        this.retries.inc();
        for (const { node } of event.data.refusals) this.refusals.inc({ node });
        for (const node of event.data.missing) this.missing.inc({ node });
        return;
      case 'quorate.sign.completed.v1':
        this.outcomes.inc({ outcome: 'completed' });
        return this.completed(streamId);
      case 'quorate.sign.rejected.v1':
        this.outcomes.inc({ outcome: event.data.code });
        return;
      default:
        return;
    }
  }

  private follow(streamId: string): void {
    setBounded(this.followed, streamId, { acceptedAt: performance.now() }, MOST_FOLLOWED);
  }

  private assigned(streamId: string): void {
    const progress = this.followed.get(streamId);
    if (progress === undefined) return;
    const now = performance.now();
    if (progress.assignedAt === undefined) this.time('committee', (now - progress.acceptedAt) / 1_000);
    progress.assignedAt = now;
  }

  private completed(streamId: string): void {
    const progress = this.followed.get(streamId);
    if (progress === undefined) return;
    const { acceptedAt, assignedAt, answeredAt } = progress;
    if (assignedAt !== undefined && answeredAt !== undefined)
      this.time('partials', Math.max(0, answeredAt - assignedAt) / 1_000);
    this.whole.observe((performance.now() - acceptedAt) / 1_000);
  }

  waiting(count: number): void {
    this.waitingRequests.inc(count);
  }

  /** @param stage of batches of records: `queue`, `accept`, `combine` */
  time(stage: string, seconds: number): void {
    this.stages.observe({ stage }, seconds);
  }
}
