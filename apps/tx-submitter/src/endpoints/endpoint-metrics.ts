/** What operators see of the JSON-RPC endpoints; labels name hosts only, for URLs hold keys. */
import { type Metrics } from '@quorate/platform';
import { type Counter } from 'prom-client';

import { type EndpointState } from './endpoint-health';

const states: readonly EndpointState[] = ['healthy', 'suspect', 'down', 'wrong-chain'];

/** An endpoint at the moment of a scrape; `lag` in blocks, undefined before its first head. */
export interface EndpointReading {
  name: string;
  state: EndpointState;
  lag: number | undefined;
}

export class EndpointMetrics {
  readonly answers: Counter<'endpoint' | 'class'>;
  readonly contradictions: Counter;
  readonly unknownErrors: Counter<'fingerprint'>;

  /** @param readings of all endpoints, taken at each scrape. */
  constructor(metrics: Metrics, readings: () => EndpointReading[]) {
    this.answers = metrics.counter({
      name: 'broadcast_result_total',
      help: 'Answers of the JSON-RPC endpoints to transactions that were sent to them.',
      labelNames: ['endpoint', 'class'],
    });
    this.contradictions = metrics.counter({
      name: 'contradictory_verdict_total',
      help: 'Answers of endpoints that differ on a broadcast or a receipt.',
    });
    this.unknownErrors = metrics.counter({
      name: 'unknown_error_total',
      help: 'Answers to transactions whose text no rule knows, by fingerprint.',
      labelNames: ['fingerprint'],
    });
    metrics.gauge({
      name: 'endpoint_state',
      help: '1 for the state that a JSON-RPC endpoint is in, 0 for the others.',
      labelNames: ['endpoint', 'state'],
      collect() {
        for (const { name, state } of readings()) {
          for (const one of states) this.set({ endpoint: name, state: one }, one === state ? 1 : 0);
        }
      },
    });
    metrics.gauge({
      name: 'endpoint_head_lag_blocks',
      help: 'Blocks that the head of a JSON-RPC endpoint is behind the head that is followed.',
      labelNames: ['endpoint'],
      collect() {
        for (const { name, lag } of readings()) if (lag !== undefined) this.set({ endpoint: name }, lag);
      },
    });
  }
}
