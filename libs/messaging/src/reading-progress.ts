/** What others wait for in a subscription: its first assignment, and how far it has read. */
export class ReadingProgress {
  /** Resolves at the first assignment; rejects when reading has failed for good before. */
  readonly assigned: Promise<void>;
  private reportAssigned: () => void = () => undefined;
  private reportFailure: (error: Error) => void = () => undefined;
  private isReading = false;
  private hasEnded = false;
  private failure: Error | undefined;
  private readonly waiters = new Set<() => void>();

  constructor() {
    this.assigned = new Promise((resolve, reject) => {
      this.reportAssigned = resolve;
      this.reportFailure = reject;
    });
    // Not everybody waits for it.
    this.assigned.catch(() => undefined);
  }

  /** There are partitions to read (or none), and their start positions are known. */
  start(): void {
    this.isReading = true;
    this.reportAssigned();
    this.wake();
  }

  /** Which partitions to read is decided anew: until `start`, nobody knows how far it is. */
  interrupt(): void {
    this.isReading = false;
    this.wake();
  }

  /** Nobody wants to read any more. */
  end(): void {
    this.hasEnded = true;
    this.wake();
  }

  /** Reading has stopped for good. */
  fail(error: Error): void {
    this.failure ??= error;
    this.reportFailure(error);
    this.wake();
  }

  /** Something has changed: whoever waits looks again. */
  wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  /** Resolves at the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      const waiter = () => {
        this.waiters.delete(waiter);
        resolve();
      };
      this.waiters.add(waiter);
    });
  }

  /**
   * Resolves when nothing of the current assignment is behind, or when reading was ended; rejects when it has failed for
   * good.
   */
  async caughtUp(isBehind: () => boolean): Promise<void> {
    const isDone = () => this.hasEnded || (this.isReading && !isBehind());
    while (this.failure === undefined && !isDone()) await this.change();
    if (this.failure !== undefined) throw this.failure;
  }
}
