import { type Metrics } from '@quorate/platform';
import { type AddedEvent } from './opened-request';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** What operators see of sign requests on /metrics. */
export class SignRequestMetrics {
  private readonly outcomes;
  private readonly retries;
  private readonly waitingRequests;
  private readonly stages;

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
      help: 'Time of each stage of a sign request, per batch of records',
      labelNames: ['stage'],
      buckets: SECONDS,
    });
  }

  count(added: readonly AddedEvent[]): void {
    for (const event of added) {
      if (event.type === 'quorate.sign.completed.v1') this.outcomes.inc({ outcome: 'completed' });
      if (event.type === 'quorate.sign.rejected.v1') this.outcomes.inc({ outcome: event.data.code });
      if (event.type === 'quorate.sign.retried.v1') this.retries.inc();
    }
  }

  waiting(count: number): void {
    this.waitingRequests.inc(count);
  }

  /** @param stage e.g. `queue`, `accept`, `combine` */
  time(stage: string, seconds: number): void {
    this.stages.observe({ stage }, seconds);
  }
}
