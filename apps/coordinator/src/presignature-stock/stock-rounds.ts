import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type DeadLetters } from '@quorate/protocol';
import { type StockKeeper } from './stock-keeper';
import { type StockReconciliation } from './stock-reconciliation';

const ROUND_EVERY_MS = 5_000;
const OLD_EVERY_MS = 60_000;

/** The regular look at the stock, and an early one when something has changed. One at a time. */
export class StockRounds {
  private timers: NodeJS.Timeout[] = [];
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = true;

  constructor(
    private readonly store: EventStore,
    private readonly keeper: StockKeeper,
    private readonly reconciliation: StockReconciliation,
    private readonly deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopped = false;
    this.timers = [
      setInterval(() => this.soon(), ROUND_EVERY_MS),
      setInterval(() => void this.attempt(() => this.tidy()), OLD_EVERY_MS),
    ];
    this.soon();
  }

  /** A round now, or after the one under way. */
  soon(): void {
    if (this.stopped) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.running = this.attempt(() => this.keeper.refill()).finally(() => {
      this.running = undefined;
      if (this.again) {
        this.again = false;
        this.soon();
      }
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.running;
  }

  private async tidy(): Promise<void> {
    await this.reconciliation.discardOld();
    if (this.deadLetters.hasSummaries())
      await this.store.transaction(async (tx) => this.deadLetters.flush(tx));
  }

  private async attempt(round: () => Promise<void>): Promise<void> {
    try {
      await round();
    } catch (error) {
      this.logger.warn({ err: error }, 'a look at the stock failed; the next one follows');
    }
  }
}
