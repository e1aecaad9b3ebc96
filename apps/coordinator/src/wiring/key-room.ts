import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { EpochChange } from '../key-registry/epoch-change';
import { EpochLearning } from '../key-registry/epoch-learning';
import { EpochStock } from '../key-registry/epoch-stock';
import { EpochTrial } from '../key-registry/epoch-trial';
import { KeyCreation } from '../key-registry/key-creation';
import { type KeyRegistry } from '../key-registry/key-registry';
import { KeyRetirement } from '../key-registry/key-retirement';
import { OrderBook } from '../key-registry/order-book';
import { OrderDesk } from '../key-registry/order-desk';
import { PairRekey } from '../key-registry/pair-rekey';
import { RefreshSchedule } from '../key-registry/refresh-schedule';
import { type PresignatureStock } from '../presignature-stock/presignature-stock';
import { type StockEvents } from '../presignature-stock/stock-events';
import { type Shared } from './shared';

/** The life of keys. */
export interface KeyRoom {
  readonly creation: KeyCreation;
  readonly change: EpochChange;
  readonly rekey: PairRekey;
  readonly retirement: KeyRetirement;
  readonly orderDesk: OrderDesk;
  readonly learning: EpochLearning;
}

/** What the life of keys needs of ceremonies and stock. */
export interface KeyTools {
  readonly keys: KeyRegistry;
  readonly office: CeremonyOffice;
  readonly stock: PresignatureStock;
  readonly events: StockEvents;
}

export function wireKeyRoom(shared: Shared, { keys, office, stock, events }: KeyTools): KeyRoom {
  const { store, orders, lives, ceremonies, batches, sessions, reports, peers, progress, clock, logger } =
    shared;
  const isReady = (node: string) => sessions.readyBootId(node) !== undefined;
  const schedule = new RefreshSchedule(shared.keyRefreshIntervalHours, clock);
  const book = new OrderBook(orders, schedule, clock, progress);
  const epochStock = new EpochStock(batches, ceremonies, office, stock, events, (keyId, committee) =>
    reports.hasDeadPair(keyId, committee),
  );
  const trial = new EpochTrial(
    orders,
    lives,
    ceremonies,
    office,
    epochStock,
    book,
    keys,
    schedule,
    isReady,
    clock,
    progress,
  );
  const creation = new KeyCreation(store, orders, lives, office, trial, book, peers);
  const change = new EpochChange(
    store,
    orders,
    lives,
    office,
    trial,
    book,
    peers,
    isReady,
    clock,
    progress,
    logger,
  );
  const rekey = new PairRekey(store, orders, lives, ceremonies, office, reports, book, clock);
  const retirement = new KeyRetirement(
    store,
    lives,
    orders,
    book,
    schedule,
    epochStock,
    keys,
    sessions,
    shared.confirmations,
    clock,
    progress,
  );
  const orderDesk = new OrderDesk(store, orders, lives, creation, change, rekey, trial, schedule);
  const learning = new EpochLearning(keys, change, logger);
  return { creation, change, rekey, retirement, orderDesk, learning };
}
