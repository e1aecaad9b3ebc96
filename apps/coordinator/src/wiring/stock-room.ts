import { CeremonyOffice } from '../ceremony/ceremony-office';
import { CeremonyResults } from '../ceremony/ceremony-results';
import { KeyRegistry } from '../key-registry/key-registry';
import { CeremonyMetrics } from '../metrics/ceremony-metrics';
import { PresignatureStock } from '../presignature-stock/presignature-stock';
import { StockEvents } from '../presignature-stock/stock-events';
import { StockKeeper } from '../presignature-stock/stock-keeper';
import { StockLeases } from '../presignature-stock/stock-leases';
import { StockLevels } from '../presignature-stock/stock-levels';
import { StockReconciliation } from '../presignature-stock/stock-reconciliation';
import { StockRounds } from '../presignature-stock/stock-rounds';
import { type KeyRoom, wireKeyRoom } from './key-room';
import { wirePresence } from './presence';
import { type Shared } from './shared';

/** The largest message of such a batch has 4.6 MB, 5.5 with suite 2 (kafka.md, point 10). */
const PRESIGN_BATCH = 64;
const LOW_WATER = 0.5;
const CEREMONIES_PER_NODE = 2;

export interface StockRoom extends KeyRoom {
  readonly keys: KeyRegistry;
  readonly results: CeremonyResults;
  readonly stock: PresignatureStock;
  readonly leases: StockLeases;
  readonly keeper: StockKeeper;
  readonly reconciliation: StockReconciliation;
  readonly rounds: StockRounds;
}

/** Keys, ceremonies and presignatures. */
export function wireStockRoom(shared: Shared): StockRoom {
  const { store, batches, ceremonies, waiting, lives, sessions, peers, progress, clock, logger } = shared;
  const policy = {
    target: shared.stockTarget,
    lowWater: LOW_WATER,
    batch: PRESIGN_BATCH,
    concurrency: CEREMONIES_PER_NODE,
  };
  const keys = new KeyRegistry(store, lives, peers, logger);
  const office = new CeremonyOffice(ceremonies, sessions, peers, clock, progress);
  const presence = wirePresence(shared, keys);
  const stock = new PresignatureStock(presence);
  const events = new StockEvents(clock);
  const keyRoom = wireKeyRoom(shared, { keys, office, stock, events });
  const leases = new StockLeases(store, batches, stock, shared.life, logger);
  const measured = new CeremonyMetrics(shared.metrics, progress);
  const results: CeremonyResults = new CeremonyResults(ceremonies, sessions, progress, {
    ended: async (tx, ceremony, verdict) => {
      tx.afterCommit(() => {
        shared.conduct.ceremonyEnded(ceremony, verdict);
        measured.ended(ceremony, verdict);
      });
      if (ceremony.purpose === 'presign') await keeper.ended(tx, ceremony, verdict);
      await keyRoom.orderDesk.ended(tx, ceremony, verdict);
    },
  });
  const reconciliation: StockReconciliation = new StockReconciliation(
    store,
    batches,
    ceremonies,
    results,
    stock,
    sessions,
    events,
    clock,
    logger,
  );
  const keeper: StockKeeper = new StockKeeper(
    store,
    batches,
    ceremonies,
    waiting,
    office,
    leases,
    stock,
    keys,
    lives,
    presence,
    reconciliation,
    new StockLevels(clock, logger),
    shared.halts,
    events,
    policy,
    clock,
    logger,
  );
  const rounds = new StockRounds(store, keeper, reconciliation, shared.deadLetters, logger);
  keys.onUsable((key) => {
    rounds.soon();
    void keeper.bringIn(key.keyId);
  });
  keeper.onStocked(() => rounds.soon());
  sessions.onChange(() => rounds.soon());
  progress.watch((note) => {
    if (note.kind === 'ceremony' && note.phase === 'failed') rounds.soon();
  });
  return { ...keyRoom, keys, results, stock, leases, keeper, reconciliation, rounds };
}
