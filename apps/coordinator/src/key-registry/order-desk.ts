import { type DueRow, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Ceremony } from '../ceremony/ceremony';
import { type EndedVerdict } from '../ceremony/verdict';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { type EpochChange } from './epoch-change';
import { type EpochTrial } from './epoch-trial';
import { type KeyCreation } from './key-creation';
import { type PairRekey } from './pair-rekey';
import { type RefreshSchedule } from './refresh-schedule';

/** Brings what happens to the orders that it is about: ended ceremonies, and rows that are due. */
export class OrderDesk {
  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly lives: KeyLives,
    private readonly creation: KeyCreation,
    private readonly change: EpochChange,
    private readonly rekey: PairRekey,
    private readonly trial: EpochTrial,
    private readonly schedule: RefreshSchedule,
  ) {}

  find(nonce: string): Promise<KeyOrder | undefined> {
    return this.store.transaction((tx) => this.orders.find(tx, nonce), { durable: false });
  }

  /** The refresh or reshare of a key that is under way. */
  openChange(keyId: string): Promise<KeyOrder | undefined> {
    return this.store.transaction((tx) => this.orders.openChange(tx, keyId), { durable: false });
  }

  /** A ceremony of an order has ended. */
  async ended(
    tx: StoreTransaction,
    { orderNonce, purpose, sessionId }: Ceremony,
    verdict: EndedVerdict,
  ): Promise<void> {
    const order = orderNonce === null ? undefined : await this.orders.lock(tx, orderNonce);
    if (order === undefined) return;
    switch (purpose) {
      case 'dkg':
        return this.creation.generated(tx, order, sessionId, verdict);
      case 'reshare':
        return this.change.dealt(tx, order, verdict);
      case 'rekey':
        return this.rekey.rekeyed(tx, order, verdict);
      case 'health':
      case 'presign':
        return this.trial.advance(tx, order);
    }
  }

  /** Row `key-order`: an order is looked at again. */
  async resume(tx: StoreTransaction, { key: nonce }: DueRow): Promise<void> {
    const order = await this.orders.lock(tx, nonce);
    if (order === undefined) return;
    if (order.status !== 'waiting') await this.trial.advance(tx, order);
    else if (order.kind === 'unban') await this.rekey.attempt(tx, order);
    else await this.change.attempt(tx, order);
  }

  /** Row `key-refresh`: a key's shares have their age. */
  async refreshDue(tx: StoreTransaction, { key: keyId }: DueRow): Promise<void> {
    // Not locked: who ends the change sets the next refresh, after this row is gone.
    if ((await this.orders.openChange(tx, keyId)) !== undefined) return;
    const life = await this.lives.find(tx, keyId);
    if (life !== undefined && life.retirement === null) await this.change.refreshDue(tx, life);
  }

  /** Sets the next refresh of every key by the interval that this coordinator was started with. */
  async scheduleRefreshes(): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const { facts, retirement } of await this.lives.usable(tx, [])) {
        const life = retirement === null ? await this.lives.find(tx, facts.keyId) : undefined;
        if (life === undefined || (await this.orders.lockOpenChange(tx, life.keyId)) !== undefined) continue;
        this.schedule.afterChange(tx, life.keyId, life.certifiedAt);
      }
    });
  }
}
