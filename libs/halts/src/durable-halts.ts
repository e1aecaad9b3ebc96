import { type EventStore } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { Conflict, Refused } from '@quorate/platform';
import { changesOfEvents, eventOfChange } from './halt-record';
import { type Halt, type HaltChange, HaltRegister, type HaltSubject } from './halt-register';

/** How often other processes may be first. */
const ATTEMPTS = 5;

/** What goes with a change when it is news. */
export interface HaltNews {
  /** Leaves in the same commit. */
  readonly publish?: OutgoingRecord;
  /** What the event has besides the change: the operators' command, where there is one. */
  readonly evidence?: object;
}

/**
 * What must not be signed, kept over restarts: a stream of events, and the register made of them. All paths by which
 * halts and resumes come (docs/halt.md) end here.
 */
export class DurableHalts {
  /** In force. */
  private readonly register = new HaltRegister();
  /** What is in the database as well: what is read from the state topics at each start is there already. */
  private readonly stored = new HaltRegister();
  private readonly listeners: ((change: HaltChange) => void)[] = [];
  /** One commit of this process after the other. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param streamId may be shared by processes with the same database */
  constructor(
    private readonly streamId: string,
    private readonly store: EventStore,
  ) {}

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

  /** Whether nothing at all is halted. */
  isClear(): boolean {
    return this.register.isClear();
  }

  active(): Halt[] {
    return this.register.active();
  }

  /** Called when something was halted or resumed here. */
  onChange(listener: (change: HaltChange) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes a change that was verified. A halt is in force at once, even while the database is away; a resume only when it
   * is stored, or a restart would forget it while others count on it.
   * @throws Unavailable when it could not be stored, Refused `operator` when it is a one-time command that ended others
   */
  async take(change: HaltChange, news: HaltNews = {}): Promise<void> {
    if (change.kind === 'halt' && this.register.apply(change)) this.tell(change);
    const commit = this.last.then(() => this.commit(change, news));
    this.last = commit.catch(() => undefined);
    await commit;
    if (change.kind === 'resume' && this.register.apply(change)) this.tell(change);
  }

  /** Sends a record for every halt that is in force. */
  async publish(recordOf: (halt: Halt) => OutgoingRecord): Promise<void> {
    const records = this.active().map(recordOf);
    if (records.length === 0) return;
    await this.store.transaction(async (tx) => records.forEach((record) => tx.publish(record)));
  }

  private async commit(change: HaltChange, news: HaltNews): Promise<void> {
    assertUnspent(this.stored, change);
    if (!this.stored.isNews(change)) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.append(change, news);
        break;
      } catch (error) {
        // Another process with this database appended first: it may have been the same change.
        if (!(error instanceof Conflict) || attempt === ATTEMPTS) throw error;
      }
    }
    this.stored.apply(change);
  }

  private append(change: HaltChange, { publish, evidence }: HaltNews): Promise<void> {
    return this.store.transaction(async (tx) => {
      const stored = (await tx.readStreams([this.streamId])).get(this.streamId) ?? [];
      // Another process stored it, or an earlier commit of this one whose answer was lost.
      const known = new HaltRegister(changesOfEvents(stored));
      assertUnspent(known, change);
      if (!known.isNews(change)) return;
      const { type, data } = eventOfChange(change);
      const causationId = change.kind === 'halt' ? change.haltId : (change.halts[0] ?? change.scope);
      tx.append(this.streamId, stored.length, [
        { type, data: { ...data, ...evidence }, correlationId: change.scope, causationId },
      ]);
      if (publish !== undefined) tx.publish(publish);
    });
  }

  private tell(change: HaltChange): void {
    for (const listener of this.listeners) listener(change);
  }
}

function assertUnspent(register: HaltRegister, change: HaltChange): void {
  if (!register.isSpent(change)) return;
  throw new Refused(
    'operator',
    'the resume names no halts and has ended others before: sign one that names them',
  );
}
