/**
 * The sessions this process has joined: a session id is joined at most once, kept until its notAfter
 * (threshold-ecdsa.md 1.4). In memory is enough, because the session id contains the boot id of this process.
 */
export class JoinedSessions {
  private readonly notAfter = new Map<string, number>();

  /** Returns false when the session was joined before. Times in unix seconds. */
  join(sessionId: string, notAfter: number, now: number): boolean {
    for (const [id, until] of this.notAfter) if (until < now) this.notAfter.delete(id);
    if (this.notAfter.has(sessionId)) return false;
    this.notAfter.set(sessionId, notAfter);
    return true;
  }

  has(sessionId: string): boolean {
    return this.notAfter.has(sessionId);
  }
}
