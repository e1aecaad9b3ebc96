import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type PeerDirectory } from '@quorate/platform';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type EndedVerdict } from '../ceremony/verdict';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { type EpochTrial } from './epoch-trial';
import { suiteOf, suiteOfScheme } from './key-content';
import { type OrderBook } from './order-book';
import { isCertified } from './published-certificate';

/** Carries out the operators' order of a key: key generation, then the trial of its first epoch. */
export class KeyCreation {
  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly lives: KeyLives,
    private readonly office: CeremonyOffice,
    private readonly trial: EpochTrial,
    private readonly book: OrderBook,
    private readonly peers: PeerDirectory,
  ) {}

  /**
   * Accepts the order and starts key generation; a nonce that is known changes nothing.
   * @returns the order as it stands
   */
  async order(order: KeyOrder): Promise<KeyOrder> {
    return this.store.transaction(async (tx) => {
      if (!(await this.orders.add(tx, order))) return (await this.orders.find(tx, order.nonce)) ?? order;
      const { nonce, scheme, threshold, participants, command, signatures } = order;
      this.book.tell(tx, order, 'quorate.key.requested.v1', {
        scheme,
        threshold,
        participants,
        command: command.toString('base64'),
        signatures,
      });
      const suite = suiteOfScheme(scheme);
      if (suite === undefined) return this.book.fail(tx, order, `there is no scheme ${scheme}`);
      const ceremony = await this.office.order(tx, {
        purpose: 'dkg',
        suite,
        epoch: 0,
        threshold,
        parties: participants.length,
        members: participants.map((node, place) => ({ node, index: place + 1 })),
        priority: 1,
        orderNonce: nonce,
        command: { bytes: command, signatures },
      });
      if (ceremony !== undefined) return order;
      return this.book.fail(tx, order, 'a participant went offline before key generation could start');
    });
  }

  /** Key generation has ended. */
  async generated(
    tx: StoreTransaction,
    order: KeyOrder,
    sessionId: string,
    verdict: EndedVerdict,
  ): Promise<void> {
    if (order.status !== 'generating') return;
    if (verdict.kind !== 'key') {
      const reason = verdict.kind === 'failed' ? verdict.reason : 'the members report no key';
      await this.book.fail(tx, order, reason);
      return;
    }
    const facts = verdict.shown.find((shown) => isCertified(shown, this.peers));
    if (facts === undefined) {
      await this.book.fail(tx, order, 'no member shows a certificate of the key by all of them');
      return;
    }
    const isOrdered = facts.scheme === order.scheme && suiteOf(facts) === suiteOfScheme(order.scheme);
    if (!isOrdered || facts.epoch !== 0 || facts.threshold !== order.threshold) {
      await this.book.fail(tx, order, 'the members report another key than was ordered');
      return;
    }
    await this.lives.begin(tx, facts);
    const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode } = facts;
    this.book.tell(tx, { ...order, keyId }, 'quorate.key.generated.v1', {
      keyId,
      scheme,
      epoch,
      threshold,
      participants,
      publicKey,
      chainCode,
      sessionId,
    });
    await this.trial.begin(tx, order, facts);
  }
}
