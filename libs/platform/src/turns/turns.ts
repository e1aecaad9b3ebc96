/** Has work done one after the other, in the order in which it is asked for. What fails keeps nothing else from being done. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does, when its turn has come. */
  take<T>(work: () => Promise<T> | T): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all that was asked for so far is over. */
  async over(): Promise<void> {
    await this.last;
  }
}
