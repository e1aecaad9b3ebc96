import { asQuorateError, Turns } from '@quorate/platform';
import { type Batch } from '@quorate/messaging';
import { HeldBatches } from './held-batches';

/** How far the inbox may stay behind what was read: a restart reads so much again. */
const LAG_MS = 1000;
const LAG_OFFSETS = 500;

export interface DeferredInboxOptions {
  /** Handles batches and moves the inbox past them: `EventStore.handleBatches`. */
  readonly commit: (batches: readonly Batch[]) => Promise<void>;
  /** Where the inbox of a partition stands: `EventStore.inboxPosition`. */
  readonly position: (partition: number) => Promise<bigint | 'earliest'>;
  /** Called when the inbox cannot be moved and trying again does not help. */
  readonly onFatal: (error: Error) => void;
}

/**
 * For a consumer that most records do not concern: batches without records, which only move the inbox, are committed
 * together with the next one that has some, or once a second. A crash loses nothing: they are read again.
 */
export class DeferredInbox {
  private readonly held = new HeldBatches();
  private timer: NodeJS.Timeout | undefined;
  /** The subscription and the timer take turns. */
  private readonly turns = new Turns();

  constructor(private readonly options: DeferredInboxOptions) {}

  /** For `Subscription.handle`: resolves when the batches are durable or held. Rejects with what `commit` throws. */
  handle(batches: readonly Batch[]): Promise<void> {
    return this.turns.take(async () => {
      const all = this.held.with(batches);
      const mayWait = batches.every(({ records }) => records.length === 0) && offsets(all) < LAG_OFFSETS;
      if (!mayWait) return this.commit(all);
      this.held.hold(batches);
      this.commitLater();
    });
  }

  /** For `Subscription.onRevoked`: who reads these partitions next begins at the inbox position. */
  drop(partitions: readonly number[]): void {
    this.held.drop(partitions);
    if (this.held.partitions.length === 0) this.stopTimer();
  }

  private commitLater(): void {
    this.timer ??= setTimeout(() => void this.turns.take(() => this.commitHeld()), LAG_MS);
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async commitHeld(): Promise<void> {
    const batches = this.held.with([]);
    if (batches.length === 0) return;
    await this.commit(batches).catch((error: unknown) => {
      const known = asQuorateError(error);
      if (known.kind !== 'unavailable') this.options.onFatal(known);
    });
  }

  /** What is held stays held when the commit fails: the subscription delivers again only the newest batches. */
  private async commit(batches: readonly Batch[]): Promise<void> {
    this.stopTimer();
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
}

function offsets(batches: readonly Batch[]): number {
  return batches.reduce((sum, { firstOffset, nextOffset }) => sum + Number(nextOffset - firstOffset), 0);
}
