/** Keeps every lane moving: one step at a time per lane, all lanes side by side. */
import { type EventStore } from '@quorate/event-store';
import { type Logger, QuorateError } from '@quorate/platform';

import { type LaneId, laneName } from './lane';
import { type LaneAdvance } from './lane-advance';
import { lanesWithWork } from './lane-table';

/** How often lanes are looked for that nobody woke: after a start, or when an intent's pause is over. */
const sweepMs = 500;
const retryMs = 250;

export class LaneWorkers {
  private readonly running = new Map<string, { again: boolean }>();
  private sweeper: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly chainId: string,
    private readonly advance: LaneAdvance,
    private readonly logger: Logger,
    private readonly onFatal: (error: Error) => void,
  ) {}

  start(): void {
    this.sweeper = setInterval(() => void this.sweep(), sweepMs);
    void this.sweep();
  }

  /** Tells a lane that it may have something to do. */
  wake(lane: LaneId): void {
    if (this.stopped) return;
    const name = laneName(lane);
    const current = this.running.get(name);
    if (current !== undefined) {
      current.again = true;
      return;
    }
    const turn = { again: false };
    this.running.set(name, turn);
    void this.run(lane, turn);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.sweeper);
  }

  private async run(lane: LaneId, turn: { again: boolean }): Promise<void> {
    do {
      turn.again = false;
      try {
        if (await this.advance.step(lane)) turn.again = true;
      } catch (error) {
        if (!this.canRetry(error, lane)) break;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        turn.again = true;
      }
    } while (turn.again && !this.stopped);
    this.running.delete(laneName(lane));
  }

  private async sweep(): Promise<void> {
    try {
      const lanes = await this.store.transaction((tx) => lanesWithWork(tx, this.chainId));
      for (const lane of lanes) this.wake(lane);
    } catch (error) {
      this.canRetry(error);
    }
  }

  private canRetry(error: unknown, lane?: LaneId): boolean {
    if (this.stopped) return false;
    if (error instanceof QuorateError && (error.kind === 'unavailable' || error.kind === 'conflict')) {
      this.logger.warn({ err: error, lane }, 'lane waits');
      return true;
    }
    this.onFatal(error instanceof Error ? error : new Error(String(error)));
    return false;
  }
}
