import { type Metrics } from '@quorate/platform';
import { type FailedCeremony } from '../ceremony/running-ceremonies';
import { type CountedRefusal } from '../halt/self-halt';

const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What a node did since its start, counted after the commits. */
export class NodeMetrics {
  private readonly refusals;
  private readonly ledger;
  private readonly tasks;
  private readonly failures;

  constructor(metrics: Metrics) {
    this.refusals = metrics.counter({
      name: 'node_refusals_total',
      help: 'Sign tasks that this node refused, by code and by the rule of its policy, if it was one.',
      labelNames: ['code', 'rule'],
    });
    this.ledger = metrics.counter({
      name: 'node_ledger_writes_total',
      help: 'Presignatures that were written to the ledger as spent.',
    });
    this.tasks = metrics.histogram({
      name: 'node_task_seconds',
      help: 'From the arrival of a sign task until the commit of its answer.',
      buckets: SECONDS,
    });
    this.failures = metrics.counter({
      name: 'node_ceremony_failures_total',
      help: 'Ceremonies that failed at this node, by purpose and class of the failure.',
      labelNames: ['purpose', 'class'],
    });
  }

  refused({ code, rule }: CountedRefusal): void {
    this.refusals.inc({ code, rule: rule ?? '' });
  }

  spent(count: number): void {
    this.ledger.inc(count);
  }

  /** @param waited how long each task was here, in milliseconds */
  answered(waited: readonly number[]): void {
    for (const ms of waited) this.tasks.observe(ms / 1_000);
  }

  failed({ order, failure }: FailedCeremony): void {
    this.failures.inc({ purpose: order.purpose, class: failure.failureClass });
  }
}
