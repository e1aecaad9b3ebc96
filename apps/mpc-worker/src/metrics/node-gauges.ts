import { type DurableHalts } from '@quorate/halts';
import { type Metrics } from '@quorate/platform';
import { type CoordinatorLink } from '../coordinator-link/coordinator-link';
import { type KeyRing } from '../key-share/key-ring';
import { type Pairs } from '../key-share/pairs';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type RoundInbox } from '../round-inbox/round-inbox';

interface NodeParts {
  readonly pool: PresignaturePool;
  readonly pairs: Pick<Pairs, 'deadPairs'>;
  readonly inbox: Pick<RoundInbox, 'dropped'>;
  readonly keys: Pick<KeyRing, 'list'>;
  readonly halts: Pick<DurableHalts, 'active'>;
  readonly links: readonly Pick<CoordinatorLink, 'isOpen'>[];
}

/** How a node stands, read at each scrape. */
export function nodeGauges(metrics: Metrics, { pool, pairs, inbox, keys, halts, links }: NodeParts): void {
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
    name: 'node_keys',
    help: 'Keys of which this node has a share.',
    collect() {
      this.set(keys.list().length);
    },
  });
  metrics.gauge({
    name: 'node_coordinators_connected',
    help: 'Coordinators to which this node has an open session.',
    collect() {
      this.set(links.filter(({ isOpen }) => isOpen).length);
    },
  });
  metrics.gauge({
    name: 'halts_in_force',
    help: 'Halts that are not ended by a resume.',
    collect() {
      this.set(halts.active().length);
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
