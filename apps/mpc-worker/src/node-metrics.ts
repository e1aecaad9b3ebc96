import { type Metrics } from '@quorate/platform';
import { type Pairs } from './key-share/pairs';
import { PresignaturePool } from './presignature-pool/presignature-pool';

/** What a node's operator watches: stock and dead pairs, set at each scrape. */
export function nodeMetrics(metrics: Metrics, pool: PresignaturePool, pairs: Pairs): void {
  metrics.gauge({
    name: 'node_presignatures',
    help: 'Unspent presignatures in memory, by key.',
    labelNames: ['key'],
    collect() {
      this.reset();
      for (const batch of pool.list()) this.inc({ key: batch.keyId }, PresignaturePool.unspentCount(batch));
    },
  });
  metrics.gauge({
    name: 'node_dead_pairs',
    help: 'Pairs that failed a consistency check and must be re-keyed.',
    collect() {
      this.set(pairs.deadPairs().length);
    },
  });
}
