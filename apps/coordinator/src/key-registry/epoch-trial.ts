import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';
import { isEcdsaSuite, type SuiteId } from '@quorate/threshold';
import { type Ceremony } from '../ceremony/ceremony';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type Progress } from '../ceremony/progress';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { pairCoveringCommittees } from '../presignature-stock/committees';
import { type EpochStock } from './epoch-stock';
import { indicesOf, suiteOf } from './key-content';
import { type KeyRegistry } from './key-registry';
import { type OrderBook } from './order-book';
import { type RefreshSchedule } from './refresh-schedule';
import { planTrial } from './trial-plan';

const NEXT_LOOK_MS = 1_000;

interface Trial {
  readonly order: KeyOrder;
  readonly facts: KeyFacts;
  readonly suite: SuiteId;
}

/**
 * What stands between new shares and their use, for a new key and for a new epoch alike: health checks that together
 * contain every pair (threshold-ecdsa.md 3), and for a key in use presignatures of the new epoch. Then one commit makes the
 * epoch the one that serves requests. Every step is a row; any coordinator goes on with it.
 */
export class EpochTrial {
  constructor(
    private readonly orders: KeyOrders,
    private readonly lives: KeyLives,
    private readonly ceremonies: CeremonyRecords,
    private readonly office: CeremonyOffice,
    private readonly stock: EpochStock,
    private readonly book: OrderBook,
    private readonly registry: KeyRegistry,
    private readonly schedule: RefreshSchedule,
    private readonly isReady: (node: string) => boolean,
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {}

  /** All members hold certified shares of this epoch. */
  async begin(tx: StoreTransaction, order: KeyOrder, facts: KeyFacts): Promise<void> {
    await this.orders.update(tx, order.nonce, { status: 'checking', facts });
    await this.advance(tx, { ...order, status: 'checking', facts, since: this.clock.now() });
  }

  /** Goes on with a trial: when one of its ceremonies has ended and when its row is due. */
  async advance(tx: StoreTransaction, order: KeyOrder): Promise<void> {
    const { facts } = order;
    if (facts === null) return;
    const suite = suiteOf(facts);
    if (suite === undefined) {
      await this.book.fail(tx, order, `this version does not know suite ${facts.certificate.suite}`);
      return;
    }
    const trial: Trial = { order, facts, suite };
    if (order.status === 'checking') await this.check(tx, trial);
    else if (order.status === 'stocking') await this.fill(tx, trial);
  }

  private async check(tx: StoreTransaction, trial: Trial): Promise<void> {
    const { order, facts, suite } = trial;
    const { participants, threshold, epoch } = facts;
    const isKeyInUse = order.kind !== 'create';
    const checks = (await this.ceremonies.ofOrder(tx, order.nonce)).filter(
      (ceremony) => ceremony.purpose === 'health' && ceremony.epoch === epoch,
    );
    const plan = planTrial({
      // Keys of Schnorr schemes have no state of pairs that could be unhealthy.
      committees: isEcdsaSuite(suite) ? pairCoveringCommittees(participants, threshold) : [],
      checks: checks.map(({ participants: committee, status }) => ({ committee, status })),
      isReady: this.isReady,
      ...{ isKeyInUse, ageMs: this.ageOf(order) },
    });
    if (plan.kind === 'failed') {
      await this.book.fail(tx, order, plan.reason);
      if (isKeyInUse) this.schedule.repair(tx, facts.keyId);
    } else if (plan.kind === 'open') {
      for (const committee of plan.start) await this.startCheck(tx, trial, committee);
      this.book.lookAgain(tx, order, NEXT_LOOK_MS);
    } else if (isKeyInUse) {
      await this.orders.update(tx, order.nonce, { status: 'stocking' });
      await this.fill(tx, { ...trial, order: { ...order, status: 'stocking', since: this.clock.now() } });
    } else await this.finish(tx, trial);
  }

  private async fill(tx: StoreTransaction, trial: Trial): Promise<void> {
    const { order, facts, suite } = trial;
    if (await this.stock.fill(tx, facts, suite, order.nonce, this.ageOf(order))) await this.finish(tx, trial);
    else this.book.lookAgain(tx, order, NEXT_LOOK_MS);
  }

  private startCheck(
    tx: StoreTransaction,
    { order, facts, suite }: Trial,
    committee: readonly string[],
  ): Promise<Ceremony | undefined> {
    const indices = indicesOf(facts);
    return this.office.order(tx, {
      purpose: 'health',
      suite,
      keyId: facts.keyId,
      epoch: facts.epoch,
      threshold: facts.threshold,
      parties: facts.participants.length,
      members: committee.map((node) => ({ node, index: indices.get(node) ?? 0 })),
      batch: 1,
      priority: 1,
      orderNonce: order.nonce,
    });
  }

  private async finish(tx: StoreTransaction, { order, facts }: Trial): Promise<void> {
    const { keyId, epoch, threshold, participants, certificate } = facts;
    await this.orders.update(tx, order.nonce, { status: 'usable' });
    await this.lives.setUsable(tx, facts);
    this.book.close(tx, order);
    if (order.kind !== 'create') {
      await this.stock.switchTo(tx, keyId, epoch);
      const type = order.kind === 'refresh' ? 'quorate.key.refreshed.v1' : 'quorate.key.reshared.v1';
      const sessionId = certificate.sid;
      this.book.tell(tx, order, type, {
        keyId,
        oldEpoch: order.epoch,
        epoch,
        threshold,
        participants,
        sessionId,
      });
    }
    this.schedule.afterChange(tx, keyId, this.clock.now());
    tx.afterCommit(() => {
      this.progress.tell('key', keyId, 'ready', `epoch ${epoch}`);
      void this.registry.refresh().catch(() => undefined); // the next reader refreshes again
    });
  }

  private ageOf({ since }: KeyOrder): number {
    return this.clock.now().getTime() - since.getTime();
  }
}
