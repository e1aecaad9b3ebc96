import { type LogRecord, type MessageLog, recordsOf, type RunningSubscription } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import {
  fromHex,
  type KeyState,
  type StateRecord,
  stateSchema,
  type TopicNames,
  verifyServiceRecord,
} from '@quorate/protocol';

/**
 * What the other nodes say of themselves on their state topics: boot ids and keys with their certificates. Only
 * records that the topic's own node signed count; everything else is ignored.
 */
export class PeerRegistry {
  private readonly bootIds = new Map<string, Buffer>();
  private readonly subscriptions: RunningSubscription[] = [];
  private readonly waiters = new Set<() => void>();
  private onRestart: (node: string) => void = () => undefined;
  private onKey: (key: KeyState, node: string) => Promise<void> = async () => undefined;

  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly peers: PeerDirectory,
    private readonly logger: Logger,
  ) {}

  /** Reads all peers' state to the high watermarks of now, then follows them. Handlers must be set before. */
  async start(self: string, group: string): Promise<void> {
    const others = this.peers.withRole('node').filter((peer) => peer.kid !== self);
    for (const { kid } of others) {
      const subscription = await this.log.subscribe({
        topic: this.topics.state(kid),
        group: `${group}-${kid}`,
        start: 'earliest',
        handle: async (batches) => {
          for (const record of recordsOf(batches)) await this.read(kid, record);
        },
      });
      this.subscriptions.push(subscription);
    }
    await Promise.all(this.subscriptions.map((subscription) => subscription.caughtUp()));
  }

  /** @param listener called when a node has a new boot id: what its former process held is gone */
  whenRestarted(listener: (node: string) => void): void {
    this.onRestart = listener;
  }

  /** @param listener called with each key record of a peer, verified as a record of that node but not as a certificate */
  whenKeyPublished(listener: (key: KeyState, node: string) => Promise<void>): void {
    this.onKey = listener;
  }

  /** Whether all named nodes have these boot ids, as far as their records have been read by now. */
  haveBooted(expected: ReadonlyMap<string, Buffer>): boolean {
    return [...expected].every(([node, bootId]) => this.bootIds.get(node)?.equals(bootId) ?? false);
  }

  /** Resolves when they have, or when records on their way have had this time. */
  async awaitBoots(expected: ReadonlyMap<string, Buffer>, timeoutMs: number): Promise<void> {
    if (this.haveBooted(expected)) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.waiters.delete(check);
        resolve();
      };
      const check = (): void => {
        if (this.haveBooted(expected)) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.waiters.add(check);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  private async read(writer: string, record: LogRecord): Promise<void> {
    const verified = verifyServiceRecord<StateRecord>(record, {
      typ: 'state',
      schema: stateSchema,
      lookup: (kid) => (kid === writer ? this.peers.lookup('node')(kid) : undefined),
    });
    if (!verified.ok) {
      this.logger.warn({ writer, reason: verified.reason }, 'state record ignored');
      return;
    }
    const state = verified.data;
    if (state.type === 'quorate.state.key.v1') await this.onKey(state, writer);
    else if (state.type === 'quorate.state.node.v1' && state.node === writer)
      this.noteBoot(writer, fromHex(state.bootId));
  }

  private noteBoot(node: string, bootId: Buffer): void {
    const before = this.bootIds.get(node);
    if (before?.equals(bootId)) return;
    this.bootIds.set(node, bootId);
    if (before !== undefined) this.onRestart(node);
    for (const waiter of [...this.waiters]) waiter();
  }
}
