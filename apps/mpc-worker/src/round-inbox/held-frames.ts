const HOLD_MS = 30_000;
const MAX_BYTES_PER_SENDER = 64 * 1024 * 1024;
/** What keeping a frame takes beyond its own bytes, so that many small ones are bounded as well. */
const OVERHEAD_BYTES = 512;
/** Longer than a session lasts. */
const REMEMBER_MS = 10 * 60_000;
/** Of each sender; beyond that the oldest are forgotten, and time out. */
const MAX_REMEMBERED = 1000;

interface HeldFrame {
  readonly sender: string;
  readonly frame: Buffer;
}

interface HeldSession {
  readonly frames: HeldFrame[];
  readonly until: number;
}

interface SenderRoom {
  bytes: number;
  dropped: number;
  /** Sessions of which a frame was dropped, until when that is remembered. */
  readonly incomplete: Map<string, number>;
}

/** What was held for a session. */
export interface ReleasedFrames {
  /** In order of arrival. */
  readonly frames: Buffer[];
  /** Senders of whose frames some were dropped: a session that needs them cannot succeed. */
  readonly incompleteFrom: string[];
}

/** Frames of sessions that are not announced yet: bounded per sender in bytes, for 30 s from the session's first. */
export class HeldFrames {
  /** The session whose first frame came first is first. */
  private readonly bySession = new Map<string, HeldSession>();
  private readonly senders = new Map<string, SenderRoom>();

  /**
   * Keeps a copy of the frame, because the original may be a small part of much memory. Returns false when it is dropped,
   * because the sender's room is full or frames of it were dropped from that session before. Only the sender's own frames
   * ever go: nobody can have another's dropped.
   */
  hold(sender: string, sessionId: string, frame: Buffer, now = Date.now()): boolean {
    this.expire(now);
    const room = this.roomOf(sender);
    const bytes = frame.length + OVERHEAD_BYTES;
    if (room.incomplete.has(sessionId) || room.bytes + bytes > MAX_BYTES_PER_SENDER) {
      room.dropped += 1;
      this.giveUp(sender, sessionId, now);
      return false;
    }
    const session = this.bySession.get(sessionId) ?? { frames: [], until: now + HOLD_MS };
    session.frames.push({ sender, frame: Buffer.from(frame) });
    this.bySession.set(sessionId, session);
    room.bytes += bytes;
    return true;
  }

  /** Gives what is held for the session, once. */
  release(sessionId: string, now = Date.now()): ReleasedFrames {
    this.expire(now);
    const frames = this.remove(sessionId);
    const incompleteFrom = [...this.senders].flatMap(([sender, { incomplete }]) =>
      incomplete.delete(sessionId) ? [sender] : [],
    );
    return { frames: frames.map(({ frame }) => frame), incompleteFrom };
  }

  /** How many frames of each sender were dropped for want of room. */
  dropped(): Map<string, number> {
    return new Map([...this.senders].map(([sender, { dropped }]) => [sender, dropped]));
  }

  private expire(now: number): void {
    for (const [sessionId, { until, frames }] of this.bySession) {
      if (until > now) break;
      this.remove(sessionId);
      for (const { sender } of frames) this.remember(sender, sessionId, now);
    }
  }

  /** What is left of the sender's frames is of no use. */
  private giveUp(sender: string, sessionId: string, now: number): void {
    const session = this.bySession.get(sessionId);
    const others = session?.frames.filter((held) => held.sender !== sender) ?? [];
    this.remember(sender, sessionId, now);
    if (session === undefined || others.length === session.frames.length) return;
    for (const { frame } of session.frames.filter((held) => held.sender === sender)) {
      this.roomOf(sender).bytes -= frame.length + OVERHEAD_BYTES;
    }
    if (others.length === 0) this.bySession.delete(sessionId);
    else this.bySession.set(sessionId, { ...session, frames: others });
  }

  private remember(sender: string, sessionId: string, now: number): void {
    const { incomplete } = this.roomOf(sender);
    incomplete.delete(sessionId);
    incomplete.set(sessionId, now + REMEMBER_MS);
    for (const [oldest, until] of incomplete) {
      if (until > now && incomplete.size <= MAX_REMEMBERED) break;
      incomplete.delete(oldest);
    }
  }

  private remove(sessionId: string): readonly HeldFrame[] {
    const { frames } = this.bySession.get(sessionId) ?? { frames: [] };
    for (const { sender, frame } of frames) this.roomOf(sender).bytes -= frame.length + OVERHEAD_BYTES;
    this.bySession.delete(sessionId);
    return frames;
  }

  private roomOf(sender: string): SenderRoom {
    const room = this.senders.get(sender) ?? { bytes: 0, dropped: 0, incomplete: new Map<string, number>() };
    this.senders.set(sender, room);
    return room;
  }
}
