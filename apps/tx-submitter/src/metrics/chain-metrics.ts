/** Reorganisations and repeated sends, as they are seen. */
import { type Metrics } from '@quorate/platform';
import { type Counter, type Histogram } from 'prom-client';

const DEPTHS = [1, 2, 3, 5, 8, 16, 32, 64, 128];

export class ChainMetrics {
  readonly reorgDepth: Histogram;
  readonly rebroadcasts: Counter;

  constructor(metrics: Metrics) {
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
