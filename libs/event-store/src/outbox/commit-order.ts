/**
 * Hands over what transactions leave for publishing in the order in which their COMMITs were sent. A transaction that
 * builds on another one sent its COMMIT after the other's took effect, so this keeps the order of each stream even
 * when the answers to the COMMITs arrive in another one.
 */
export class CommitOrder {
  private tail: Promise<void> = Promise.resolve();

  /** Call when COMMIT is sent. `committed` resolves with what to do in order, or rejects: then nothing is done. */
  enter(committed: Promise<() => void | Promise<void>>): Promise<void> {
    const before = this.tail;
    const done = Promise.allSettled([committed, before]).then(async ([outcome]) => {
      if (outcome.status === 'fulfilled') await outcome.value();
    });
    this.tail = done.catch(() => undefined);
    return done;
  }
}
