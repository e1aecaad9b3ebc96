import { type EventStore } from '@quorate/event-store';
import { describeHalt, type DurableHalts } from '@quorate/halts';
import { type KeyRegistry, type UsableKey } from '../key-registry/key-registry';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrders } from '../ports/key-orders.port';
import { type PresignBatches } from '../ports/presign-batches.port';

/** As quorate.control.v1.Key. */
export interface KeyMessage {
  readonly keyId: string;
  readonly scheme: string;
  readonly status: 'usable' | 'retired';
  readonly epoch: number;
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly publicKey: string;
  readonly chainCode: string;
  readonly address: string;
  readonly createdAt: string;
  readonly stock: number;
  readonly sharesMadeAt: string;
  readonly nextRefreshAt: string;
  readonly change: string;
  readonly unconfirmed: readonly string[];
  readonly newestEpoch: number;
  /** Why it does not sign now; empty when it may. */
  readonly halted: string;
}

/** What operators read about keys. */
export class KeyMessages {
  constructor(
    private readonly store: EventStore,
    private readonly keys: KeyRegistry,
    private readonly lives: KeyLives,
    private readonly orders: KeyOrders,
    private readonly batches: PresignBatches,
    private readonly halts: Pick<DurableHalts, 'covering'>,
  ) {}

  of(key: UsableKey): Promise<KeyMessage> {
    const halt = this.halts.covering({ keyId: key.keyId, requesters: [] });
    const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode } = key;
    return this.store.transaction(
      async (tx) => {
        const remaining = await this.batches.remaining(tx, keyId);
        const life = await this.lives.find(tx, keyId);
        const change = await this.orders.openChange(tx, keyId);
        const due = (await this.lives.refreshesDue(tx)).get(keyId);
        return {
          keyId,
          scheme,
          status: key.retirement === null ? 'usable' : 'retired',
          epoch,
          threshold,
          participants,
          publicKey,
          chainCode,
          address: key.address ?? '',
          createdAt: key.usableAt.toISOString(),
          stock: [...remaining.values()].reduce((sum, count) => sum + count, 0),
          sharesMadeAt: life?.certifiedAt.toISOString() ?? '',
          nextRefreshAt: due?.toISOString() ?? '',
          change: change === undefined ? '' : `${change.kind}: ${change.failure ?? change.status}`,
          unconfirmed: this.keys.unconfirmedRetirements(keyId),
          newestEpoch: life?.certified.epoch ?? epoch,
          halted: halt === undefined ? '' : describeHalt(halt),
        };
      },
      { durable: false },
    );
  }
}
