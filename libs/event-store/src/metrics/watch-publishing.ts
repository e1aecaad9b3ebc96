import { childSpan, type HealthRegistry, type Metrics } from '@quorate/platform';
import { type EventStore } from '../event-store';
import { type DispatcherListener } from '../outbox/dispatcher';
import { type OutboxRow } from '../outbox/outbox-row';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/**
 * Shows on /metrics and /readyz (part `outbox`) how publishing goes: how long commits take to get to Kafka, and what waits
 * in the database, be it of this process or of another that shares it. Published rows lie there for a moment longer.
 */
export function watchPublishing(
  store: Pick<EventStore, 'transaction'>,
  metrics: Metrics,
  health: HealthRegistry,
): DispatcherListener {
  const seconds = metrics.histogram({
    name: 'publish_seconds',
    help: 'From the commit of records until Kafka has them.',
    buckets: SECONDS,
  });
  const read = async (what: string): Promise<number> => {
    const [row] = await store.transaction(
      (tx) => tx.query<{ value: number }>(`SELECT ${what} AS value FROM outbox`),
      { durable: false },
    );
    return row?.value ?? 0;
  };
  metrics.gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest record that is committed and not published.',
    async collect() {
      this.set(await read('coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float'));
    },
  });
  metrics.gauge({
    name: 'outbox_rows',
    help: 'Transactions whose records are committed and not published.',
    async collect() {
      this.set(await read('count(*)::int'));
    },
  });
  return {
    stalled: (error) => health.set('outbox', false, error.message),
    resumed: () => health.set('outbox', true),
    published: (published) => {
      const now = performance.now();
      for (const row of published) {
        if (row.handedOverAt === undefined) continue;
        seconds.observe((now - row.handedOverAt) / 1_000);
        tracePublishing(row, now - row.handedOverAt);
      }
    },
  };
}

/** One span for each topic of a traced request, however many of its records went there. */
function tracePublishing({ records }: OutboxRow, tookMs: number): void {
  const traced = new Set<string>();
  for (const { topic, headers } of records) {
    const { traceparent } = headers;
    if (traceparent === undefined || traced.has(`${topic} ${String(traceparent)}`)) continue;
    traced.add(`${topic} ${String(traceparent)}`);
    childSpan(`publish ${topic}`, traceparent, { startTime: Date.now() - tookMs })?.end();
  }
}
