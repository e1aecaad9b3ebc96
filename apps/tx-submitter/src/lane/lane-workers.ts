/** Keeps every lane of this process moving: one step at a time per lane, all lanes side by side. */
import { type EventStore } from '@quorate/event-store';
import { Conflict, isPassing, type Logger } from '@quorate/platform';

import { type LaneId, laneName } from './lane';
import { type LaneAdvance } from './lane-advance';
import { type LaneLeases } from './lane-leases';
import { lanesWithWork } from './lane-table';
import { orphanPatienceMs } from './fillers';

/** How often lanes are looked for that nobody woke here: another process put intents into them, and ended. */
const sweepMs = 1_000;
const retryMs = 250;

export class LaneWorkers {
  private readonly running = new Map<string, { again: boolean }>();
  /** Of lanes on which an intent waits. */
  private readonly pauses = new Set<NodeJS.Timeout>();
  private sweeper: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly chainId: string,
    private readonly leases: Pick<LaneLeases, 'holds'>,
    private readonly advance: LaneAdvance,
    private readonly logger: Logger,
    private readonly onFatal: (error: Error) => void,
  ) {}

  start(): void {
    this.sweeper = setInterval(() => void this.sweep(), sweepMs);
    void this.sweep();
  }

  /** Tells a lane that it may have something to do; one that is not this process's is left to its holder. */
  wake(lane: LaneId): void {
    if (this.stopped || !this.leases.holds(lane)) return;
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

  /** Wakes a lane when an intent's pause is over. */
  wakeIn(lane: LaneId, milliseconds: number): void {
    if (this.stopped) return;
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      this.wake(lane);
    }, milliseconds);
    this.pauses.add(pause);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.sweeper);
    for (const pause of this.pauses) clearTimeout(pause);
  }

  /** Wakes every lane of this process that may have something to do. */
  async sweep(): Promise<void> {
    if (this.sweeper === undefined || this.stopped) return;
    try {
      const lanes = await this.store.transaction((tx) => lanesWithWork(tx, this.chainId, orphanPatienceMs));
      for (const lane of lanes) this.wake(lane);
    } catch (error) {
      this.canRetry(error);
    }
  }

  private async run(lane: LaneId, turn: { again: boolean }): Promise<void> {
    do {
      turn.again = false;
      try {
        if (await this.advance.step(lane)) turn.again = true;
      } catch (error) {
        if (isLost(error) || !this.canRetry(error, lane)) break;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        turn.again = true;
      }
    } while (turn.again && !this.stopped);
    this.running.delete(laneName(lane));
  }

  private canRetry(error: unknown, lane?: LaneId): boolean {
    if (this.stopped) return false;
    if (isPassing(error)) {
      this.logger.warn({ err: error, lane }, 'lane waits');
      return true;
    }
    this.onFatal(error instanceof Error ? error : new Error(String(error)));
    return false;
  }
}

/** Whether another submitter has the lane meanwhile. */
function isLost(error: unknown): boolean {
  return error instanceof Conflict && error.code === 'lease-lost';
}
