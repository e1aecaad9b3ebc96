import { CeremonyOffice } from '../ceremony/ceremony-office';
import { CeremonyResults } from '../ceremony/ceremony-results';
import { KeyCreation } from '../key-registry/key-creation';
import { KeyRegistry } from '../key-registry/key-registry';
import { PresignatureStock } from '../presignature-stock/presignature-stock';
import { StockEvents } from '../presignature-stock/stock-events';
import { StockKeeper } from '../presignature-stock/stock-keeper';
import { StockLeases } from '../presignature-stock/stock-leases';
import { StockLevels } from '../presignature-stock/stock-levels';
import { StockReconciliation } from '../presignature-stock/stock-reconciliation';
import { StockRounds } from '../presignature-stock/stock-rounds';
import { wirePresence } from './presence';
import { type Shared } from './shared';

const PRESIGN_BATCH = 12;
const LOW_WATER = 0.5;
const CEREMONIES_PER_NODE = 2;

export interface StockRoom {
  readonly keys: KeyRegistry;
  readonly creation: KeyCreation;
  readonly results: CeremonyResults;
  readonly stock: PresignatureStock;
  readonly leases: StockLeases;
  readonly keeper: StockKeeper;
  readonly reconciliation: StockReconciliation;
  readonly rounds: StockRounds;
}

/** Keys, ceremonies and presignatures. */
export function wireStockRoom(shared: Shared): StockRoom {
  const { store, batches, ceremonies, waiting, orders, sessions, peers, progress, clock, logger } = shared;
  const policy = {
    target: shared.stockTarget,
    lowWater: LOW_WATER,
    batch: PRESIGN_BATCH,
    concurrency: CEREMONIES_PER_NODE,
  };
  const keys = new KeyRegistry(store, orders, logger);
  const office = new CeremonyOffice(ceremonies, sessions, peers, clock, progress);
  const creation = new KeyCreation(store, orders, ceremonies, office, keys, clock, progress);
  const presence = wirePresence(shared, keys);
  const stock = new PresignatureStock(presence);
  const events = new StockEvents(clock);
  const leases = new StockLeases(store, batches, stock, shared.life, logger);
  const results: CeremonyResults = new CeremonyResults(ceremonies, sessions, progress, {
    ended: (tx, ceremony, verdict) => {
      tx.afterCommit(() => shared.conduct.ceremonyEnded(ceremony, verdict));
      return ceremony.purpose === 'presign'
        ? keeper.ended(tx, ceremony, verdict)
        : creation.ended(tx, ceremony, verdict);
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
    presence,
    reconciliation,
    new StockLevels(clock, logger),
    events,
    policy,
    clock,
    logger,
  );
  const rounds = new StockRounds(store, keeper, reconciliation, shared.deadLetters, logger);
  keys.onUsable((key) => {
    rounds.soon();
    void leases.lease(key.keyId);
  });
  keeper.onStocked(() => rounds.soon());
  sessions.onChange(() => rounds.soon());
  progress.watch((note) => {
    if (note.kind === 'ceremony' && note.phase === 'failed') rounds.soon();
  });
  return { keys, creation, results, stock, leases, keeper, reconciliation, rounds };
}
