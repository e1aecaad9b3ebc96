import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';
import { type Ceremony } from '../ceremony/ceremony';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type Progress } from '../ceremony/progress';
import { type Verdict } from '../ceremony/verdict';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type KeyOrder, type KeyOrders } from '../ports/key-orders.port';
import { pairCoveringCommittees } from '../presignature-stock/committees';
import { committeeName } from '../ports/presign-batches.port';
import { type KeyRegistry } from './key-registry';

/** Health checks of one order that run at a time on one node, and how often a committee may fail. */
const HEALTH_CHECKS_PER_NODE = 2;
const HEALTH_CHECK_TRIES = 3;
const NEXT_LOOK_MS = 1_000;

/**
 * Carries out the operators' order of a key: key generation, then health checks that together contain every pair, then
 * the key is usable (threshold-ecdsa.md 3). Every step is a row; any coordinator goes on with it.
 */
export class KeyCreation {
  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly ceremonies: CeremonyRecords,
    private readonly office: CeremonyOffice,
    private readonly registry: KeyRegistry,
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {}

  /**
   * Accepts the order and starts key generation; a nonce that is known changes nothing.
   * @returns the order as it stands
   */
  async order(order: KeyOrder): Promise<KeyOrder> {
    return this.store.transaction(async (tx) => {
      if (!(await this.orders.add(tx, order))) return (await this.orders.find(tx, order.nonce)) ?? order;
      const { nonce, scheme, threshold, participants, command, signatures } = order;
      tx.appendNext(`key:${nonce}`, [
        this.event('quorate.key.requested.v1', nonce, {
          nonce,
          scheme,
          threshold,
          participants,
          command: command.toString('base64'),
          signatures,
        }),
      ]);
      const ceremony = await this.office.order(tx, {
        purpose: 'dkg',
        keyId: null,
        epoch: 0,
        threshold,
        keyParticipants: participants,
        members: participants,
        batch: 0,
        priority: 1,
        command: { nonce, bytes: command, signatures },
      });
      if (ceremony !== undefined) return order;
      return this.fail(tx, order, 'a participant went offline before key generation could start');
    });
  }

  async find(nonce: string): Promise<KeyOrder | undefined> {
    return this.store.transaction((tx) => this.orders.find(tx, nonce), { durable: false });
  }

  /** A key generation or health check of an order has ended. */
  async ended(
    tx: StoreTransaction,
    ceremony: Ceremony,
    verdict: Exclude<Verdict, { kind: 'open' }>,
  ): Promise<void> {
    const order = ceremony.orderNonce === null ? undefined : await this.orders.lock(tx, ceremony.orderNonce);
    if (order === undefined) return;
    if (verdict.kind === 'key' && order.status === 'generating') {
      await this.orders.update(tx, order.nonce, { status: 'checking', facts: verdict.facts });
      const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode } = verdict.facts;
      tx.appendNext(`key:${keyId}`, [
        this.event('quorate.key.generated.v1', order.nonce, {
          keyId,
          nonce: order.nonce,
          scheme,
          epoch,
          threshold,
          participants,
          publicKey,
          chainCode,
          sessionId: ceremony.sessionId,
        }),
      ]);
      await this.check(tx, { ...order, status: 'checking', facts: verdict.facts });
    } else if (ceremony.purpose === 'dkg' && verdict.kind === 'failed' && order.status === 'generating') {
      await this.fail(tx, order, verdict.reason);
    } else if (ceremony.purpose === 'health') {
      await this.check(tx, order);
    }
  }

  /** Goes on with the health checks of an order; called when one has ended and when its row is due. */
  async resume(tx: StoreTransaction, nonce: string): Promise<void> {
    const order = await this.orders.lock(tx, nonce);
    if (order !== undefined) await this.check(tx, order);
  }

  private async check(tx: StoreTransaction, order: KeyOrder): Promise<void> {
    const { facts, nonce } = order;
    if (order.status !== 'checking' || facts === null) return;
    const checks = (await this.ceremonies.ofOrder(tx, nonce)).filter((c) => c.purpose === 'health');
    const load = new Map<string, number>();
    for (const running of checks.filter((c) => c.status === 'running')) count(load, running.participants);
    let isDone = true;
    for (const committee of pairCoveringCommittees(facts.participants, facts.threshold)) {
      const name = committeeName(committee);
      const own = checks.filter((check) => committeeName(check.participants) === name);
      if (own.some((check) => check.status === 'ok')) continue;
      isDone = false;
      if (own.some((check) => check.status === 'running')) continue;
      if (own.length >= HEALTH_CHECK_TRIES) {
        await this.fail(tx, order, `the health check of ${name} failed ${own.length} times`);
        return;
      }
      if (committee.some((node) => (load.get(node) ?? 0) >= HEALTH_CHECKS_PER_NODE)) continue;
      if ((await this.startCheck(tx, order, facts, committee)) !== undefined) count(load, committee);
    }
    if (isDone) await this.finish(tx, order, facts);
    else tx.schedule('key-order', nonce, new Date(this.clock.now().getTime() + NEXT_LOOK_MS));
  }

  private startCheck(
    tx: StoreTransaction,
    order: KeyOrder,
    facts: KeyFacts,
    committee: readonly string[],
  ): Promise<Ceremony | undefined> {
    const { nonce, command, signatures } = order;
    return this.office.order(tx, {
      purpose: 'health',
      keyId: facts.keyId,
      epoch: facts.epoch,
      threshold: facts.threshold,
      keyParticipants: facts.participants,
      members: committee,
      batch: 1,
      priority: 1,
      command: { nonce, bytes: command, signatures },
    });
  }

  private async finish(tx: StoreTransaction, order: KeyOrder, facts: KeyFacts): Promise<void> {
    await this.orders.update(tx, order.nonce, { status: 'usable' });
    await this.orders.setUsable(tx, facts);
    tx.cancelDue('key-order', order.nonce);
    tx.afterCommit(() => {
      this.progress.tell('key', facts.keyId, 'ready');
      void this.registry.refresh().catch(() => undefined); // the next reader refreshes again
    });
  }

  private async fail(tx: StoreTransaction, order: KeyOrder, failure: string): Promise<KeyOrder> {
    await this.orders.update(tx, order.nonce, { status: 'failed', failure });
    tx.cancelDue('key-order', order.nonce);
    tx.appendNext(`key:${order.facts?.keyId ?? order.nonce}`, [
      this.event('quorate.key.failed.v1', order.nonce, {
        ...(order.facts === null ? {} : { keyId: order.facts.keyId }),
        nonce: order.nonce,
        reason: failure,
      }),
    ]);
    tx.afterCommit(() => this.progress.tell('key', order.nonce, 'failed', failure));
    return { ...order, status: 'failed', failure };
  }

  private event(type: string, nonce: string, data: object) {
    return { type, data, correlationId: nonce, causationId: nonce, occurredAt: this.clock.now() };
  }
}

function count(load: Map<string, number>, nodes: readonly string[]): void {
  for (const node of nodes) load.set(node, (load.get(node) ?? 0) + 1);
}
