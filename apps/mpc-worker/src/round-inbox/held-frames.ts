const HOLD_MS = 30_000;
const MAX_BYTES_PER_SENDER = 64 * 1024 * 1024;

interface HeldFrame {
  readonly sender: string;
  readonly frame: Buffer;
  readonly until: number;
}

/** Frames of sessions that are not announced yet: bounded per sender in bytes, for 30 s. */
export class HeldFrames {
  private readonly bySession = new Map<string, HeldFrame[]>();
  private readonly bytesOf = new Map<string, number>();

  /** Returns false when the sender's share is full: the frame is dropped and its session will time out. */
  hold(sender: string, sessionId: string, frame: Buffer, now = Date.now()): boolean {
    this.expire(now);
    const bytes = (this.bytesOf.get(sender) ?? 0) + frame.length;
    if (bytes > MAX_BYTES_PER_SENDER) return false;
    this.bytesOf.set(sender, bytes);
    const frames = this.bySession.get(sessionId) ?? [];
    frames.push({ sender, frame, until: now + HOLD_MS });
    this.bySession.set(sessionId, frames);
    return true;
  }

  /** Removes and returns the session's frames in order of arrival. */
  release(sessionId: string, now = Date.now()): Buffer[] {
    this.expire(now);
    const frames = this.bySession.get(sessionId) ?? [];
    this.drop(sessionId, frames);
    return frames.map(({ frame }) => frame);
  }

  private expire(now: number): void {
    for (const [sessionId, frames] of this.bySession) {
      if (frames.every(({ until }) => until <= now)) this.drop(sessionId, frames);
    }
  }

  private drop(sessionId: string, frames: readonly HeldFrame[]): void {
    for (const { sender, frame } of frames) {
      this.bytesOf.set(sender, (this.bytesOf.get(sender) ?? 0) - frame.length);
    }
    this.bySession.delete(sessionId);
  }
}
