import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type PresignBatches } from '../ports/presign-batches.port';
import { type PresignatureStock } from './presignature-stock';

/** Batches of one committee that one coordinator holds at a time; the rest is there for the others. */
const BATCHES_PER_COMMITTEE = 4;
/** Leasing more begins when fewer presignatures than this are left beyond what is asked for. */
const RESERVE = 16;
/** An empty shelf is looked at again after this time. */
const EMPTY_MS = 20;

/** Brings batches from the shared stock into the hands of this coordinator, and keeps them there. */
export class StockLeases {
  private readonly leasing = new Map<string, Promise<void>>();
  private readonly emptySince = new Map<string, number>();

  /** @param owner this process; begins with the coordinator's id and `/` */
  constructor(
    private readonly store: EventStore,
    private readonly batches: PresignBatches,
    private readonly stock: PresignatureStock,
    private readonly owner: string,
    private readonly logger: Logger,
  ) {}

  /** Takes over what an earlier process of this coordinator had leased. */
  async start(): Promise<void> {
    const [id = ''] = this.owner.split('/');
    await this.store.transaction((tx) => this.batches.release(tx, `${id}/`));
  }

  /** Leases more of a key when `count` presignatures are not at hand; waits only if it must. */
  async provide(keyId: string, count: number): Promise<void> {
    const available = this.stock.available(keyId);
    if (available >= count + RESERVE) return;
    const lease = this.lease(keyId);
    if (available < count) await lease;
  }

  /** One lease of a key at a time. */
  lease(keyId: string): Promise<void> {
    const running = this.leasing.get(keyId);
    if (running !== undefined) return running;
    if (performance.now() - (this.emptySince.get(keyId) ?? -Infinity) < EMPTY_MS) return Promise.resolve();
    const lease = this.store
      .transaction((tx) => this.batches.lease(tx, keyId, this.owner, BATCHES_PER_COMMITTEE))
      .then((leased) => {
        this.stock.add(leased);
        if (leased.length === 0) this.emptySince.set(keyId, performance.now());
      })
      .catch((error: unknown) => this.logger.warn({ err: error, keyId }, 'no stock could be leased'))
      .finally(() => this.leasing.delete(keyId));
    this.leasing.set(keyId, lease);
    return lease;
  }

  /** A new batch is on the shelf. */
  restocked(keyId: string): Promise<void> {
    this.emptySince.delete(keyId);
    return this.lease(keyId);
  }

  /** Prolongs the leases, and writes how far the batches are used. */
  async renew(tx: StoreTransaction): Promise<void> {
    const progress = this.stock.progress();
    const held = await this.batches.renew(tx, this.owner, progress);
    tx.afterCommit(() => this.stock.keepOnly(held, progress.keys()));
  }

  async release(): Promise<void> {
    await this.store.transaction(async (tx) => {
      await this.batches.renew(tx, this.owner, this.stock.progress());
      await this.batches.release(tx, this.owner);
    });
  }
}
