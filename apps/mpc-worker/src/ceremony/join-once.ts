/**
 * The sessions this process has joined: a session id is joined at most once, kept until its notAfter
 * (threshold-ecdsa.md 1.4). In memory is enough, because the session id contains the boot id of this process.
 */
export class JoinedSessions {
  private readonly notAfter = new Map<string, number>();
  /** The latest end of a session that is not kept any more: one that ends earlier may have been among them. */
  private forgottenUpTo = -Infinity;

  /**
   * Returns false when the session was joined before, or may have been: a clock that is set forward and back again brings
   * sessions back to life that were forgotten. Times in unix seconds.
   */
  join(sessionId: string, notAfter: number, now: number): boolean {
    for (const [id, until] of this.notAfter) {
      if (until >= now) continue;
      this.notAfter.delete(id);
      this.forgottenUpTo = Math.max(this.forgottenUpTo, until);
    }
    if (this.notAfter.has(sessionId) || notAfter <= this.forgottenUpTo) return false;
    this.notAfter.set(sessionId, notAfter);
    return true;
  }

  has(sessionId: string): boolean {
    return this.notAfter.has(sessionId);
  }
}
