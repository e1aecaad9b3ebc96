import { randomBytes } from 'node:crypto';
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { certificateOf } from '@quorate/key-record';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { type KeyFacts, keyFactsSchema, type KeyState } from '@quorate/protocol';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type Progress } from '../ceremony/progress';
import { type EndedVerdict } from '../ceremony/verdict';
import { type Clock } from '../ports/clock.port';
import { type KeyLife, type KeyLives } from '../ports/key-lives.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { type EpochTrial } from './epoch-trial';
import { suiteOf } from './key-content';
import { type OrderBook } from './order-book';
import { continuesCertified, pinnedIdentity } from './published-certificate';
import { planReshare, type ResharePlan } from './reshare-plan';

/** How often new shares are tried to be dealt for one order, and how long after a failure. */
const ATTEMPTS = 5;
const FIRST_BACK_OFF_MS = 2_000;
/** How soon nodes that are away are looked for again. */
const POSTPONED_LOOK_MS = 2_000;

/**
 * Brings a key from one epoch to the next: refresh, reshare to other members or another threshold, replacement of a dead
 * node (threshold-ecdsa.md 13). Requests are served by the former epoch until the trial of the new one has passed.
 */
export class EpochChange {
  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly lives: KeyLives,
    private readonly office: CeremonyOffice,
    private readonly trial: EpochTrial,
    private readonly book: OrderBook,
    private readonly peers: PeerDirectory,
    private readonly isReady: (node: string) => boolean,
    private readonly clock: Clock,
    private readonly progress: Progress,
    private readonly logger: Logger,
  ) {}

  /**
   * Accepts the order and makes its first attempt; a nonce that is known changes nothing.
   * @returns the order as it stands; undefined when another change of the key is under way
   */
  order(order: KeyOrder): Promise<KeyOrder | undefined> {
    return this.store.transaction(async (tx) => {
      if (order.kind === 'reshare') await this.supersede(tx, order);
      return this.begin(tx, order);
    });
  }

  /** Orders the refresh of a key whose time has come, if nothing else goes on with it. */
  async refreshDue(tx: StoreTransaction, life: KeyLife): Promise<void> {
    await this.begin(tx, this.refreshOf(life.certified));
  }

  /** New shares for the same members and threshold. */
  refreshOf({ keyId, epoch, scheme, threshold, participants }: KeyFacts): KeyOrder {
    return {
      nonce: `0x${randomBytes(32).toString('hex')}`,
      kind: 'refresh',
      status: 'waiting',
      keyId,
      epoch,
      command: Buffer.alloc(0),
      signatures: [],
      expiry: null,
      scheme,
      threshold,
      participants,
      facts: null,
      failure: null,
      attempts: 0,
      since: this.clock.now(),
    };
  }

  /** Makes the next attempt of an order that waits for it. */
  async attempt(tx: StoreTransaction, order: KeyOrder): Promise<KeyOrder> {
    const life = order.keyId === null ? undefined : await this.lives.lock(tx, order.keyId);
    if (life === undefined) return this.book.fail(tx, order, 'there is no such key');
    if (life.retirement !== null) return this.book.fail(tx, order, 'the key is retired');
    if (life.certified.epoch !== order.epoch) {
      return this.book.fail(tx, order, `the key is in epoch ${life.certified.epoch} by now`);
    }
    if (order.expiry !== null && order.expiry <= this.clock.now()) {
      const reason = order.failure === null ? '' : `: ${order.failure}`;
      return this.book.fail(tx, order, `the operators' command expired${reason}`);
    }
    const plan = this.planOf(order, life);
    if (plan.kind === 'impossible') return this.book.fail(tx, order, plan.reason);
    if (plan.kind === 'postponed') return this.postpone(tx, order, plan.reason, POSTPONED_LOOK_MS);
    return this.deal(tx, order, life, plan);
  }

  /** The nodes have dealt new shares, or failed to. */
  async dealt(tx: StoreTransaction, order: KeyOrder, verdict: EndedVerdict): Promise<void> {
    if (order.status !== 'generating' || order.keyId === null) return;
    if (verdict.kind === 'key') {
      const life = await this.lives.lock(tx, order.keyId);
      const facts =
        life && verdict.shown.find((shown) => continuesCertified(shown, life.certified, this.peers));
      if (facts === undefined)
        await this.book.fail(tx, order, 'no member shows a certificate of new shares of this key');
      else await this.adopt(tx, order, facts);
      return;
    }
    const reason = verdict.kind === 'failed' ? verdict.reason : 'the members report no shares';
    if (order.attempts >= ATTEMPTS) await this.book.fail(tx, order, reason);
    else await this.postpone(tx, order, reason, FIRST_BACK_OFF_MS * 2 ** (order.attempts - 1));
  }

  /**
   * Nodes publish a certified epoch of which this coordinator has no result: it was away, or a result got lost. The key goes
   * on with it as after a verdict.
   */
  learn(record: KeyState): Promise<void> {
    const facts = keyFactsSchema.parse(record);
    return this.store.transaction(async (tx) => {
      const open = await this.orders.lockOpenChange(tx, facts.keyId);
      const life = await this.lives.lock(tx, facts.keyId);
      if (life === undefined || facts.epoch <= life.certified.epoch) return;
      // Its own results come first; when they do not, the attempt fails and the order waits.
      if (open?.status === 'generating') return;
      if (!continuesCertified(facts, life.certified, this.peers)) return;
      const order = open ?? this.learnedOrder(facts, life);
      if (open === undefined && !(await this.orders.add(tx, order))) return;
      await this.adopt(tx, order, facts);
    });
  }

  private async begin(tx: StoreTransaction, order: KeyOrder): Promise<KeyOrder | undefined> {
    if (!(await this.orders.add(tx, order))) return this.orders.find(tx, order.nonce);
    const { keyId, kind, epoch, threshold, participants, command, signatures } = order;
    this.book.tell(tx, order, 'quorate.key.requested.v1', {
      keyId,
      order: kind,
      epoch,
      scheme: order.scheme,
      threshold,
      participants,
      ...(command.length > 0 && { command: command.toString('base64'), signatures }),
    });
    return this.attempt(tx, order);
  }

  /** A refresh that waits, perhaps for a node that is dead, gives way to the operators. */
  private async supersede(tx: StoreTransaction, order: KeyOrder): Promise<void> {
    const open = order.keyId === null ? undefined : await this.orders.lockOpenChange(tx, order.keyId);
    if (open?.kind === 'refresh' && open.status === 'waiting') {
      await this.book.fail(tx, open, 'the operators reshare the key');
    }
  }

  private planOf(order: KeyOrder, { certified }: KeyLife): ResharePlan {
    const certificate = certificateOf(certified);
    if (certificate === undefined) return { kind: 'impossible', reason: 'the certificate is malformed' };
    const nodes = this.peers.withRole('node').map(({ kid }) => kid);
    return planReshare(
      {
        certificate,
        participants: order.participants,
        identityOf: (node) => pinnedIdentity(node, this.peers),
        nodeOf: (identity) => nodes.find((node) => pinnedIdentity(node, this.peers) === identity),
        isReady: this.isReady,
      },
      order.kind === 'refresh',
    );
  }

  private async deal(
    tx: StoreTransaction,
    order: KeyOrder,
    { keyId, certified, lastEpoch }: KeyLife,
    { members, dealers, receivers }: Extract<ResharePlan, { kind: 'ready' }>,
  ): Promise<KeyOrder> {
    const suite = suiteOf(certified);
    if (suite === undefined)
      return this.book.fail(tx, order, 'this version does not know the suite of the key');
    const epoch = Math.max(lastEpoch, certified.epoch) + 1;
    const ceremony = await this.office.order(tx, {
      purpose: 'reshare',
      suite,
      keyId,
      epoch,
      threshold: certified.threshold,
      parties: certified.participants.length,
      members,
      oldEpoch: certified.epoch,
      dealers,
      receivers,
      newThreshold: order.threshold,
      priority: 1,
      orderNonce: order.nonce,
      ...(order.kind === 'reshare' && { command: { bytes: order.command, signatures: order.signatures } }),
    });
    if (ceremony === undefined)
      return this.postpone(tx, order, 'a member has just gone offline', POSTPONED_LOOK_MS);
    await this.lives.burnEpoch(tx, keyId, epoch);
    await this.orders.update(tx, order.nonce, { status: 'generating', isAttempt: true });
    this.book.close(tx, order);
    return { ...order, status: 'generating', attempts: order.attempts + 1 };
  }

  private async postpone(
    tx: StoreTransaction,
    order: KeyOrder,
    reason: string,
    ms: number,
  ): Promise<KeyOrder> {
    await this.orders.update(tx, order.nonce, { status: 'waiting', failure: reason });
    this.book.lookAgain(tx, order, ms);
    if (order.failure !== reason) {
      const { keyId, kind } = order;
      tx.afterCommit(() => {
        this.logger.warn({ keyId, kind, reason }, 'new shares of a key are postponed');
        this.progress.tell('key', keyId ?? '', 'postponed', `${kind}: ${reason}`);
      });
    }
    return { ...order, status: 'waiting', failure: reason };
  }

  private async adopt(tx: StoreTransaction, order: KeyOrder, facts: KeyFacts): Promise<void> {
    await this.lives.certify(tx, facts, order.kind === 'refresh');
    await this.trial.begin(tx, order, facts);
  }

  private learnedOrder(facts: KeyFacts, { certified }: KeyLife): KeyOrder {
    const { threshold, participants } = facts;
    const isRefresh =
      threshold === certified.threshold && participants.join() === certified.participants.join();
    return {
      ...this.refreshOf(certified),
      nonce: facts.certificate.sid,
      kind: isRefresh ? 'refresh' : 'reshare',
      threshold,
      participants,
    };
  }
}
