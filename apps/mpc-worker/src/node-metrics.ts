import { type Metrics } from '@quorate/platform';
import { type Pairs } from './key-share/pairs';
import { PresignaturePool } from './presignature-pool/presignature-pool';
import { type RoundInbox } from './round-inbox/round-inbox';

/** What a node's operator watches: stock, dead pairs and dropped messages, set at each scrape. */
export function nodeMetrics(
  metrics: Metrics,
  pool: PresignaturePool,
  pairs: Pick<Pairs, 'deadPairs'>,
  inbox: Pick<RoundInbox, 'dropped'>,
): void {
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
  metrics.counter({
    name: 'node_round_messages_dropped_total',
    help: 'Round messages that came before their session and found no room, by sender: the session fails.',
    labelNames: ['sender'],
    collect() {
      this.reset();
      for (const [sender, count] of inbox.dropped()) this.inc({ sender }, count);
    },
  });
}
