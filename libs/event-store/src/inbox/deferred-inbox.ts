import { asQuorateError } from '@quorate/platform';
import { type Batch } from '@quorate/messaging';
import { HeldBatches } from './held-batches';

export interface DeferredInboxOptions {
  /** Handles batches durably and moves the inbox past them: `EventStore.handleBatches`. */
  readonly commit: (batches: readonly Batch[]) => Promise<void>;
  /** Where the inbox stands: `EventStore.inboxPosition`. */
  readonly position: (partition: number) => Promise<bigint | 'earliest'>;
  /**
   * Whether these new batches change nothing yet that must be durable. Asked again about batches that are delivered
   * again. Must not throw.
   */
  readonly mayWait: (batches: readonly Batch[]) => boolean;
  /** Longest time that a batch waits for a commit, in milliseconds. */
  readonly waitMs: number;
  /** Offsets that may wait, of all partitions together. */
  readonly most: number;
  /** Called when what waits cannot be committed and trying again does not help. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Commits what a subscription delivers, but not all of it at once: batches that may wait are held in memory and
 * committed together with the next ones. A crash loses nothing, because the inbox has not moved past what is held.
 */
export class DeferredInbox {
  private readonly held = new HeldBatches();
  private timer: NodeJS.Timeout | undefined;
  /** The subscription and the timer take turns. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DeferredInboxOptions) {}

  /** For `Subscription.handle`: resolves when the batches are durable or held. Rejects with what `commit` throws. */
  handle(batches: readonly Batch[]): Promise<void> {
    return this.inTurn(async () => {
      const all = this.held.with(batches);
      if (!this.options.mayWait(batches) || offsets(all) > this.options.most) return this.commit(all);
      this.held.hold(batches);
      this.commitLater();
    });
  }

  /** For `Subscription.onRevoked`: who reads these partitions next begins at the inbox position. */
  drop(partitions: readonly number[]): void {
    this.held.drop(partitions);
  }

  private commitLater(): void {
    this.timer ??= setTimeout(() => void this.inTurn(() => this.commitHeld()), this.options.waitMs);
  }

  private async commitHeld(): Promise<void> {
    this.timer = undefined;
    const batches = this.held.with([]);
    if (batches.length === 0) return;
    await this.commit(batches).catch((error: unknown) => {
      const known = asQuorateError(error);
      if (known.kind !== 'unavailable') this.options.onFatal(known);
    });
  }

  /** What is held stays held when the commit fails; the subscription delivers again only the newest batches. */
  private async commit(batches: readonly Batch[]): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      await this.options.commit(batches);
      this.held.drop(batches.map(({ partition }) => partition));
    } catch (error) {
      const { kind, code } = asQuorateError(error);
      if (code === 'inbox-fenced') await this.realign().catch(() => undefined);
      if (kind === 'unavailable' && this.held.partitions.length > 0) this.commitLater();
      throw error;
    }
  }

  /** Lets go of what others have handled, or this process in a commit whose outcome it did not learn. */
  private async realign(): Promise<void> {
    for (const partition of this.held.partitions) {
      const position = await this.options.position(partition);
      if (position !== 'earliest') this.held.startAt(partition, position);
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

function offsets(batches: readonly Batch[]): number {
  return batches.reduce((sum, { firstOffset, nextOffset }) => sum + Number(nextOffset - firstOffset), 0);
}
