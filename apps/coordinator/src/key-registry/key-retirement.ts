import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { commandId } from '@quorate/halts';
import { streams } from '@quorate/protocol';
import { type Progress } from '../ceremony/progress';
import { type Confirmation, type NodeConfirmations } from '../node-session/node-confirmations';
import { type NodeSessions } from '../node-session/node-sessions';
import { type Clock } from '../ports/clock.port';
import { type KeyLives, type Retirement } from '../ports/key-lives.port';
import { type KeyOrders } from '../ports/key-orders.port';
import { type EpochStock } from './epoch-stock';
import { type KeyRegistry } from './key-registry';
import { type OrderBook } from './order-book';
import { type RefreshSchedule } from './refresh-schedule';

/** Ends keys that the nodes end: no request is accepted any more, and every node is told until its own record says that it knows. */
export class KeyRetirement {
  constructor(
    private readonly store: EventStore,
    private readonly lives: KeyLives,
    private readonly orders: KeyOrders,
    private readonly book: OrderBook,
    private readonly schedule: RefreshSchedule,
    private readonly stock: EpochStock,
    private readonly registry: KeyRegistry,
    private readonly sessions: NodeSessions,
    private readonly confirmations: NodeConfirmations,
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {}

  /** Asks the key's nodes, each of which checks the operators' signatures by its own policy and ends the key there. */
  ask(nodes: readonly string[], retirement: Retirement): Promise<Confirmation[]> {
    const taskId = commandId(retirement.command);
    return this.confirmations.ask(taskId, nodes, (node) => this.send(node, retirement));
  }

  /** Ends the key for ever. A key that has ended is left as it is, its nodes are told again. */
  async retire(keyId: string, retirement: Retirement): Promise<void> {
    await this.store.transaction(async (tx) => {
      // Locked in the order in which a change of the epoch locks them.
      const open = await this.orders.lockOpenChange(tx, keyId);
      if (!(await this.lives.retire(tx, keyId, retirement))) return;
      if (open !== undefined) await this.book.fail(tx, open, 'the key is retired');
      await this.end(tx, keyId, retirement);
    });
    await this.registry.refresh();
    for (const node of this.registry.unconfirmedRetirements(keyId)) this.push(node, keyId);
  }

  /** Tells a node whose session has opened what it may have missed. */
  remind(node: string): void {
    for (const { keyId } of this.registry.retired()) {
      if (this.registry.unconfirmedRetirements(keyId).includes(node)) this.push(node, keyId);
    }
  }

  private async end(
    tx: StoreTransaction,
    keyId: string,
    { nonce, command, signatures }: Retirement,
  ): Promise<void> {
    this.schedule.end(tx, keyId);
    await this.stock.clear(tx, keyId, (node, sessionId, reason) =>
      this.sessions.send(node, { discard: { sessionId, reason } }),
    );
    tx.appendNext(streams.key(keyId), [
      {
        type: 'quorate.key.retired.v1',
        data: { keyId, nonce, command: command.toString('base64'), signatures },
        correlationId: nonce,
        causationId: nonce,
        occurredAt: this.clock.now(),
      },
    ]);
    tx.afterCommit(() => this.progress.tell('key', keyId, 'ended', 'retired'));
  }

  private push(node: string, keyId: string): void {
    const retirement = this.registry.retirementOf(keyId);
    if (retirement !== undefined) this.send(node, retirement);
  }

  private send(node: string, { command, signatures }: Retirement): boolean {
    return this.sessions.send(node, { keyCommand: { command, signatures: [...signatures] } });
  }
}
