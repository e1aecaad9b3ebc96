import { type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';
import { type Progress } from '../ceremony/progress';
import { type Clock } from '../ports/clock.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { type RefreshSchedule } from './refresh-schedule';

/** How orders about keys are recorded: their events, their failure, and the look that is due at them. */
export class OrderBook {
  constructor(
    private readonly orders: KeyOrders,
    private readonly schedule: RefreshSchedule,
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {}

  /** Has the order looked at again after this time, by any coordinator. */
  lookAgain(tx: StoreTransaction, { nonce }: KeyOrder, ms: number): void {
    tx.schedule('key-order', nonce, new Date(this.clock.now().getTime() + ms));
  }

  close(tx: StoreTransaction, { nonce }: KeyOrder): void {
    tx.cancelDue('key-order', nonce);
  }

  /** An event of the key's stream, or of the order's while the key has no id. */
  tell(tx: StoreTransaction, order: KeyOrder, type: string, data: object): void {
    const { nonce, keyId, facts } = order;
    tx.appendNext(streams.key(keyId ?? facts?.keyId ?? nonce), [
      {
        type,
        data: { nonce, ...data },
        correlationId: nonce,
        causationId: nonce,
        occurredAt: this.clock.now(),
      },
    ]);
  }

  /** The order ends without what was asked for; an event says why. */
  async fail(tx: StoreTransaction, order: KeyOrder, failure: string): Promise<KeyOrder> {
    await this.orders.update(tx, order.nonce, { status: 'failed', failure });
    this.close(tx, order);
    const keyId = order.keyId ?? order.facts?.keyId;
    this.tell(tx, order, 'quorate.key.failed.v1', {
      ...(keyId !== undefined && { keyId }),
      order: order.kind,
      reason: failure,
    });
    if (order.keyId !== null && order.kind !== 'unban') this.schedule.afterFailure(tx, order.keyId);
    tx.afterCommit(() => this.progress.tell('key', order.keyId ?? order.nonce, 'failed', failure));
    return { ...order, status: 'failed', failure };
  }
}
