/** Whether the chain is trusted, reorganisations and repeated sends, as they are seen. */
import { type Metrics } from '@quorate/platform';
import { type Counter, type Histogram } from 'prom-client';

const DEPTHS = [1, 2, 3, 5, 8, 16, 32, 64, 128];

export class ChainMetrics {
  readonly reorgDepth: Histogram;
  readonly rebroadcasts: Counter;

  /** @param suspicion why nothing is decided on this chain; undefined while it is trusted */
  constructor(metrics: Metrics, suspicion: () => string | undefined) {
    metrics.gauge({
      name: 'chain_suspect',
      help: '1: the endpoints show another chain than the one that is known; no nonces are given away.',
      collect() {
        this.set(suspicion() === undefined ? 0 : 1);
      },
    });
    this.reorgDepth = metrics.histogram({
      name: 'reorg_depth',
      help: 'Blocks that left the chain at once.',
      buckets: DEPTHS,
    });
    this.rebroadcasts = metrics.counter({
      name: 'rebroadcast_total',
      help: 'Times that the same bytes were sent again.',
    });
  }
}
