const HOLD_MS = 30_000;
const MAX_BYTES_PER_SENDER = 64 * 1024 * 1024;
/** What keeping a frame takes beyond its own bytes, so that many small ones are bounded as well. */
const OVERHEAD_BYTES = 512;
/** Longer than a session lasts. */
const REMEMBER_MS = 10 * 60_000;
/** Of each sender; beyond that the oldest are forgotten, and time out. */
const MAX_REMEMBERED = 1000;

interface HeldSession {
  readonly frames: Buffer[];
  readonly until: number;
}

interface SenderRoom {
  bytes: number;
  dropped: number;
  /** What is held of the sender; the session whose first frame came first is first. */
  readonly sessions: Map<string, HeldSession>;
  /** Sessions of which a frame was dropped, until when that is remembered. */
  readonly incomplete: Map<string, number>;
}

/** What was held for a session. */
export interface ReleasedFrames {
  /** Each sender's in order of arrival. */
  readonly frames: Buffer[];
  /** Senders of whose frames some were dropped: a session that needs them cannot succeed. */
  readonly incompleteFrom: string[];
}

/**
 * Frames of sessions that are not announced yet: bounded per sender in bytes, for 30 s from the first of the session. Anyone
 * may send again what a sender once signed, so what came first gives way to what comes now, and that frames were dropped
 * accuses nobody.
 */
export class HeldFrames {
  private readonly senders = new Map<string, SenderRoom>();

  /**
   * Keeps a copy of the frame, because the original may be a small part of much memory. Returns false when this frame or older
   * ones of the sender are dropped for want of room; then their whole sessions are, as far as they are this sender's.
   */
  hold(sender: string, sessionId: string, frame: Buffer, now = Date.now()): boolean {
    const room = this.roomOf(sender);
    expire(room, now);
    if (room.incomplete.has(sessionId)) {
      room.dropped += 1;
      return false;
    }
    const session = room.sessions.get(sessionId) ?? { frames: [], until: now + HOLD_MS };
    session.frames.push(Buffer.from(frame));
    room.sessions.set(sessionId, session);
    room.bytes += sizeOf(frame);
    return makeRoom(room, now);
  }

  /** Gives what is held for the session, once. */
  release(sessionId: string, now = Date.now()): ReleasedFrames {
    const frames: Buffer[] = [];
    const incompleteFrom: string[] = [];
    for (const [sender, room] of this.senders) {
      expire(room, now);
      frames.push(...remove(room, sessionId));
      if (room.incomplete.delete(sessionId)) incompleteFrom.push(sender);
    }
    return { frames, incompleteFrom };
  }

  /** How many frames of each sender were dropped for want of room. */
  dropped(): Map<string, number> {
    return new Map([...this.senders].map(([sender, { dropped }]) => [sender, dropped]));
  }

  private roomOf(sender: string): SenderRoom {
    const room = this.senders.get(sender) ?? {
      bytes: 0,
      dropped: 0,
      sessions: new Map<string, HeldSession>(),
      incomplete: new Map<string, number>(),
    };
    this.senders.set(sender, room);
    return room;
  }
}

/** Gives up the oldest sessions of a sender until the others fit; returns whether all did. */
function makeRoom(room: SenderRoom, now: number): boolean {
  const before = room.dropped;
  for (const sessionId of room.sessions.keys()) {
    if (room.bytes <= MAX_BYTES_PER_SENDER) break;
    room.dropped += remove(room, sessionId).length;
    remember(room, sessionId, now);
  }
  return room.dropped === before;
}

function expire(room: SenderRoom, now: number): void {
  for (const [sessionId, { until }] of room.sessions) {
    if (until > now) break;
    remove(room, sessionId);
    remember(room, sessionId, now);
  }
}

function remember({ incomplete }: SenderRoom, sessionId: string, now: number): void {
  incomplete.delete(sessionId);
  incomplete.set(sessionId, now + REMEMBER_MS);
  for (const [oldest, until] of incomplete) {
    if (until > now && incomplete.size <= MAX_REMEMBERED) break;
    incomplete.delete(oldest);
  }
}

function remove(room: SenderRoom, sessionId: string): readonly Buffer[] {
  const { frames } = room.sessions.get(sessionId) ?? { frames: [] };
  for (const frame of frames) room.bytes -= sizeOf(frame);
  room.sessions.delete(sessionId);
  return frames;
}

function sizeOf(frame: Buffer): number {
  return frame.length + OVERHEAD_BYTES;
}
