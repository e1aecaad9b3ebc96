import { Unavailable } from '@quorate/platform';

interface Waiter {
  /** Looks at what is there now. */
  look(): void;
  refuse(reason: Error): void;
}

interface Conversation<T> {
  readonly records: T[];
  readonly waiters: Set<Waiter>;
  /** Why the last record that claimed to answer was not taken. */
  doubt?: string;
}

/**
 * What came back for the records that this client sent, by the hash of what was sent. A conversation is opened before
 * the record is produced, so that no answer can come too early; the oldest are forgotten above the limit.
 */
export class SentRecords<T> {
  private readonly conversations = new Map<string, Conversation<T>>();
  private closed: Error | undefined;

  constructor(private readonly limit: number) {}

  open(hash: string): Conversation<T> {
    const known = this.conversations.get(hash);
    if (known !== undefined) return known;
    const opened: Conversation<T> = { records: [], waiters: new Set() };
    this.conversations.set(hash, opened);
    if (this.conversations.size > this.limit) this.forgetOldest(hash);
    return opened;
  }

  /** Whether somebody may be waiting for what answers this hash. */
  has(hash: string): boolean {
    return this.conversations.has(hash);
  }

  /** Takes a record that answers `hash`, unless nothing with this hash was sent or the record came before. */
  add(hash: string, record: T, isSame: (known: T) => boolean): void {
    const conversation = this.conversations.get(hash);
    if (conversation === undefined || conversation.records.some(isSame)) return;
    conversation.records.push(record);
    for (const waiter of [...conversation.waiters]) waiter.look();
  }

  /** Remembers why a record that claims to answer `hash` was not taken, for who waits in vain. */
  doubt(hash: string, reason: string): void {
    const conversation = this.conversations.get(hash);
    if (conversation !== undefined) conversation.doubt = reason;
  }

  /**
   * The first record of the conversation that `accept` takes, now or within `timeoutMs`.
   * @param onTimeout the message, from the last record that came
   * @throws Unavailable `timeout` with this message, or why everything was closed.
   */
  async first(
    hash: string,
    accept: (record: T) => boolean,
    timeoutMs: number,
    onTimeout: (last: T | undefined) => string,
  ): Promise<T> {
    if (this.closed !== undefined) throw this.closed;
    const conversation = this.open(hash);
    const { records, waiters } = conversation;
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter = {
        look: () => {
          const found = records.find(accept);
          if (found === undefined) return;
          leave();
          resolve(found);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const giveUp = (): void => {
        const { doubt } = conversation;
        const doubted = doubt === undefined ? '' : `. An answer came that is not believed: ${doubt}`;
        waiter.refuse(new Unavailable('timeout', onTimeout(records.at(-1)) + doubted));
      };
      const timer = setTimeout(giveUp, timeoutMs);
      const leave = (): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
      };
      waiters.add(waiter);
      waiter.look();
    });
  }

  /** Whoever waits, or comes later, gets `reason`. */
  close(reason: Error): void {
    this.closed = reason;
    for (const { waiters } of this.conversations.values()) {
      for (const waiter of [...waiters]) waiter.refuse(reason);
    }
  }

  private forgetOldest(except: string): void {
    for (const [hash, { waiters }] of this.conversations) {
      if (waiters.size > 0 || hash === except) continue;
      this.conversations.delete(hash);
      return;
    }
  }
}
