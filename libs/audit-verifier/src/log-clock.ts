/**
 * How far a log has come in time: what two services say, so that none can date it ahead alone, and make what is missing
 * look as if it were still on its way.
 */
export class LogClock {
  private newest: { readonly source: string; readonly time: number } | undefined;
  /** The newest time of all services but that one. */
  private second = 0;
  /** The first time that was known. */
  began = 0;

  /** Milliseconds since 1970; 0 while only one service has said anything. */
  get time(): number {
    return this.second;
  }

  /** @param time when `source` says that its event happened, in milliseconds since 1970 */
  take(source: string, time: number): void {
    const { newest } = this;
    const isOther = newest !== undefined && newest.source !== source;
    if (isOther) this.second = Math.max(this.second, Math.min(time, newest.time));
    if (this.began === 0) this.began = this.second;
    if (newest === undefined || time > newest.time) this.newest = { source, time };
  }
}
