import { Unavailable } from '@quorate/platform';

interface Conversation<T> {
  readonly records: T[];
  readonly waiters: Set<() => void>;
}

/**
 * What came back for the records that this client sent, by the hash of what was sent. A conversation is opened before
 * the record is produced, so that no answer can come too early; the oldest are forgotten above the limit.
 */
export class SentRecords<T> {
  private readonly conversations = new Map<string, Conversation<T>>();

  constructor(private readonly limit: number) {}

  open(hash: string): void {
    if (this.conversations.has(hash)) return;
    this.conversations.set(hash, { records: [], waiters: new Set() });
    if (this.conversations.size <= this.limit) return;
    for (const [oldest, { waiters }] of this.conversations) {
      if (waiters.size > 0 || oldest === hash) continue;
      this.conversations.delete(oldest);
      return;
    }
  }

  /** Whether somebody may be waiting for what answers this hash. */
  has(hash: string): boolean {
    return this.conversations.has(hash);
  }

  /** @returns false when nothing with this hash was sent, or `record` came before. */
  add(hash: string, record: T, isSame: (known: T) => boolean): boolean {
    const conversation = this.conversations.get(hash);
    if (conversation === undefined || conversation.records.some(isSame)) return false;
    conversation.records.push(record);
    for (const wake of [...conversation.waiters]) wake();
    return true;
  }

  /**
   * The first record of the conversation that `accept` takes, now or within `timeoutMs`.
   * @throws Unavailable `timeout` with the given message, or the error that `signal` was aborted with.
   */
  async first(
    hash: string,
    accept: (record: T) => boolean,
    { timeoutMs, onTimeout, signal }: { timeoutMs: number; onTimeout: string; signal: AbortSignal },
  ): Promise<T> {
    this.open(hash);
    const conversation = this.conversations.get(hash);
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        conversation?.waiters.delete(look);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const look = (): void => {
        const found = conversation?.records.find(accept);
        if (found !== undefined) finish(() => resolve(found));
      };
      const abort = (): void => finish(() => reject(reasonOf(signal)));
      const timer = setTimeout(() => finish(() => reject(new Unavailable('timeout', onTimeout))), timeoutMs);
      conversation?.waiters.add(look);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else look();
    });
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Unavailable('closed', 'the client is closed');
}
