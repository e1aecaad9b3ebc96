import { type EventStore } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import {
  changesOfEvents,
  eventOfChange,
  type Halt,
  type HaltChange,
  HaltRegister,
  type HaltSubject,
  streams,
} from '@quorate/protocol';

/**
 * What this node will not sign, kept over restarts: a stream of its own events, and the register made of them. Paths by
 * which halts and resumes come (docs/halt.md) all end here.
 */
export class NodeHalts {
  /** In force. */
  private readonly register = new HaltRegister();
  /** What is in the database as well: what is read from the state topics at each start is there already. */
  private readonly stored = new HaltRegister();
  private readonly streamId: string;
  private readonly listeners: (() => void)[] = [];
  /** One commit after the other: the stream has one writer. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    nodeId: string,
    private readonly store: EventStore,
  ) {
    this.streamId = streams.halts(nodeId);
  }

  /** Remembers what was halted before this process started. Call before anything is signed. */
  async load(): Promise<void> {
    const found = await this.store.transaction((tx) => tx.readStreams([this.streamId]), { durable: false });
    for (const change of changesOfEvents(found.get(this.streamId) ?? [])) {
      this.stored.apply(change);
      this.register.apply(change);
    }
  }

  /** A halt that forbids it now; undefined when there is none. */
  covering(subject: HaltSubject): Halt | undefined {
    return this.register.covering(subject);
  }

  active(): Halt[] {
    return this.register.active();
  }

  /** Called when something was halted or resumed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes a change that was verified. A halt is in force at once, even while the database is away; a resume only when it
   * is stored, or a restart would forget it while others count on it.
   * @param publish leaves with the event, when the change is news
   * @throws Unavailable when it could not be stored
   */
  async take(change: HaltChange, publish?: OutgoingRecord): Promise<void> {
    if (change.kind === 'halt' && this.register.apply(change)) this.tell();
    const commit = this.last.then(() => this.commit(change, publish));
    this.last = commit.catch(() => undefined);
    await commit;
    if (change.kind === 'resume' && this.register.apply(change)) this.tell();
  }

  private async commit(change: HaltChange, publish: OutgoingRecord | undefined): Promise<void> {
    if (!this.stored.isNews(change)) return;
    await this.store.transaction(async (tx) => {
      const stored = (await tx.readStreams([this.streamId])).get(this.streamId) ?? [];
      // A commit whose answer was lost is found here.
      if (!new HaltRegister(changesOfEvents(stored)).isNews(change)) return;
      tx.append(this.streamId, stored.length, [
        {
          ...eventOfChange(change),
          correlationId: change.scope,
          causationId: change.kind === 'halt' ? change.haltId : (change.halts[0] ?? change.scope),
        },
      ]);
      if (publish !== undefined) tx.publish(publish);
    });
    this.stored.apply(change);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
