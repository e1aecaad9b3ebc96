import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type EndedVerdict } from '../ceremony/verdict';
import { type NodeReports } from '../node-session/node-reports';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { indicesOf, suiteOf } from './key-content';
import { type OrderBook } from './order-book';

/** Each attempt uses up a counter of the pair, and the nodes allow only a few re-keys a day. */
const ATTEMPTS = 2;
const BACK_OFF_MS = 2_000;

/**
 * Gives two nodes a new state of their pair, on the operators' order, after a failed check made the old one unusable
 * (threshold-ecdsa.md 9): only then do committees contain both of them again.
 */
export class PairRekey {
  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly lives: KeyLives,
    private readonly ceremonies: CeremonyRecords,
    private readonly office: CeremonyOffice,
    private readonly reports: NodeReports,
    private readonly book: OrderBook,
    private readonly clock: Clock,
  ) {}

  /** @returns the order as it stands; a nonce that is known changes nothing */
  order(order: KeyOrder): Promise<KeyOrder> {
    return this.store.transaction(async (tx) => {
      if (!(await this.orders.add(tx, order))) return (await this.orders.find(tx, order.nonce)) ?? order;
      return this.attempt(tx, order);
    });
  }

  /** Makes the next attempt of an order that waits for it. */
  async attempt(tx: StoreTransaction, order: KeyOrder): Promise<KeyOrder> {
    const life = order.keyId === null ? undefined : await this.lives.lock(tx, order.keyId);
    const suite = life === undefined ? undefined : suiteOf(life.certified);
    if (life === undefined || suite === undefined || life.retirement !== null) {
      return this.book.fail(tx, order, 'there is no such key in use');
    }
    const { keyId, certified } = life;
    if (certified.epoch !== order.epoch) {
      return this.book.fail(
        tx,
        order,
        `the key is in epoch ${certified.epoch} by now: all its pairs are new`,
      );
    }
    const indices = indicesOf(certified);
    const members = order.participants.map((node) => ({ node, index: indices.get(node) ?? 0 }));
    const used = await this.ceremonies.lastPairCounter(tx, keyId, certified.epoch, order.participants);
    const ceremony = await this.office.order(tx, {
      purpose: 'rekey',
      suite,
      keyId,
      epoch: certified.epoch,
      threshold: certified.threshold,
      parties: certified.participants.length,
      members: members.sort((a, b) => a.index - b.index),
      pairCounter: Math.max(used, this.reports.pairCounter(keyId, order.participants)) + 1,
      priority: 1,
      orderNonce: order.nonce,
      command: { bytes: order.command, signatures: order.signatures },
    });
    if (ceremony === undefined)
      return this.book.fail(tx, order, `not ready: one of ${order.participants.join(', ')}`);
    await this.orders.update(tx, order.nonce, { status: 'generating', isAttempt: true });
    return { ...order, status: 'generating', attempts: order.attempts + 1 };
  }

  /** The pair has a new state, or not. */
  async rekeyed(tx: StoreTransaction, order: KeyOrder, verdict: EndedVerdict): Promise<void> {
    if (order.status !== 'generating') return;
    if (verdict.kind !== 'rekeyed') {
      const reason = verdict.kind === 'failed' ? verdict.reason : 'the nodes report no new state';
      if (order.attempts >= ATTEMPTS) await this.book.fail(tx, order, reason);
      else {
        await this.orders.update(tx, order.nonce, { status: 'waiting', failure: reason });
        this.book.lookAgain(tx, order, BACK_OFF_MS);
      }
      return;
    }
    await this.orders.update(tx, order.nonce, { status: 'usable' });
    const { nonce, keyId, participants } = order;
    for (const node of participants) {
      const peer = participants.find((other) => other !== node);
      tx.appendNext(streams.node(node), [
        {
          type: 'quorate.node.unbanned.v1',
          data: { node, peer, keyId, nonce },
          correlationId: nonce,
          causationId: nonce,
          occurredAt: this.clock.now(),
        },
      ]);
    }
  }
}
