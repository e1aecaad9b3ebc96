import { type EventStore } from '@quorate/event-store';
import { type Metrics } from '@quorate/platform';

import { type Verdict } from './attempt';
import { oldestWaiting } from './delivery-table';

/** What `/metrics` says of webhooks. */
export class WebhookMetrics {
  private readonly attempts;
  private readonly lost;

  /** @param endpoints their ids, now, and whether each is active */
  constructor(metrics: Metrics, store: EventStore, endpoints: () => ReadonlyMap<string, boolean>) {
    this.attempts = metrics.counter({
      name: 'webhook_attempts_total',
      help: 'Attempts to deliver webhooks, by what they came to.',
      labelNames: ['endpoint', 'result'],
    });
    this.lost = metrics.counter({
      name: 'webhook_given_up_total',
      help: 'Webhooks that were not taken within three days.',
      labelNames: ['endpoint'],
    });
    metrics.gauge({
      name: 'webhook_oldest_waiting_seconds',
      help: 'Age of the oldest webhook that waits for its delivery.',
      labelNames: ['endpoint'],
      async collect() {
        const ids = [...endpoints().keys()];
        const waiting =
          ids.length === 0
            ? []
            : await store.transaction((tx) => oldestWaiting(tx, ids), { durable: false }).catch(() => []);
        this.reset();
        for (const id of ids) this.set({ endpoint: id }, 0);
        for (const { endpoint, seconds } of waiting) this.set({ endpoint }, seconds);
      },
    });
    metrics.gauge({
      name: 'webhook_endpoint_active',
      help: '0: the endpoint answered 410, and nothing is sent to it until WEBHOOKS_FILE is reloaded.',
      labelNames: ['endpoint'],
      collect() {
        this.reset();
        for (const [endpoint, isActive] of endpoints()) this.set({ endpoint }, isActive ? 1 : 0);
      },
    });
  }

  attempted(endpoint: string, result: Verdict): void {
    this.attempts.inc({ endpoint, result });
  }

  givenUp(endpoint: string): void {
    this.lost.inc({ endpoint });
  }
}
