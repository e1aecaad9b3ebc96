import { type Metrics } from '@quorate/platform';
import { type KeyRing } from './key-share/key-ring';
import { PresignaturePool } from './presignature-pool/presignature-pool';

/** What a node's operator watches: stock and dead pairs, set at each scrape. */
export function nodeMetrics(metrics: Metrics, pool: PresignaturePool, keys: KeyRing): void {
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
      this.set(keys.deadPairs().length);
    },
  });
}
