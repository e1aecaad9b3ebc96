import {
  type LogProducer,
  type LogRecord,
  type MessageLog,
  recordsOf,
  type RunningSubscription,
} from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { type TopicNames } from '@quorate/protocol';
import { HEADER_BYTES, parseFrame, SIGNATURE_BYTES, verifyFrame } from '@quorate/threshold';
import { HeldFrames, type ReleasedFrames } from './held-frames';

const SENDER_HEADER = 'node';
const SESSION_ID_OFFSET = 40;
const SESSION_ID_END = 72;
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
const WARN_EVERY_MS = 60_000;

/** Gives a frame to its session; false when the session is not (yet) known to this node. */
export type FrameReceiver = (sessionId: string, frame: Buffer) => boolean;

/**
 * The node's inbox of protocol rounds, and the way to the others' inboxes. Frames of a session that was not announced
 * yet are held, because Kafka orders only within one inbox and the announcement travels over gRPC.
 */
export class RoundInbox {
  private subscription: RunningSubscription | undefined;
  private producer: LogProducer | undefined;
  private readonly held = new HeldFrames();
  /** When it was last told, by sender. */
  private readonly warnedAt = new Map<string, number>();

  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly peers: PeerDirectory,
    private readonly nodeId: string,
    private readonly logger: Logger,
  ) {}

  /** Resolves when the inbox is assigned to this process. Sessions live in memory, so reading begins at the end. */
  async start(group: string, receive: FrameReceiver): Promise<void> {
    this.producer = await this.log.producer();
    this.subscription = await this.log.subscribe({
      topic: this.topics.rounds(this.nodeId),
      group,
      start: 'latest',
      handle: async (batches) => {
        for (const record of recordsOf(batches)) this.take(record, receive);
      },
    });
    await this.subscription.caughtUp();
  }

  /** What arrived for the session before it was announced. */
  release(sessionId: string): ReleasedFrames {
    return this.held.release(sessionId);
  }

  /** How many round messages of each sender were dropped since the start, because they came too early. */
  dropped(): ReadonlyMap<string, number> {
    return this.held.dropped();
  }

  /** Writes one frame to each receiver's inbox. Throws Unavailable when the broker does not take it. */
  async send(
    sessionId: string,
    frames: readonly { receivers: readonly string[]; frame: Uint8Array }[],
  ): Promise<void> {
    if (this.producer === undefined) throw new Error('the inbox was not started');
    await this.producer.send(
      frames.flatMap(({ receivers, frame }) =>
        receivers.map((node) => ({
          topic: this.topics.rounds(node),
          key: sessionId,
          value: Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength),
          headers: { [SENDER_HEADER]: this.nodeId },
        })),
      ),
    );
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
    await this.producer?.close();
  }

  private take(record: LogRecord, receive: FrameReceiver): void {
    const frame = record.value;
    if (frame === null || frame.length < HEADER_BYTES + SIGNATURE_BYTES || frame.length > MAX_FRAME_BYTES)
      return;
    const sessionId = frame.subarray(SESSION_ID_OFFSET, SESSION_ID_END).toString('hex');
    if (receive(sessionId, frame)) return;
    const sender = record.headers[SENDER_HEADER]?.toString('utf8') ?? '';
    const peer = this.peers.get(sender);
    const parsed = parseFrame(frame);
    if (peer?.role !== 'node' || parsed === undefined || !verifyFrame(parsed, peer.publicKey)) {
      this.logger.warn({ sender: sender.slice(0, 100) }, 'round message of nobody known ignored');
      return;
    }
    if (!this.held.hold(sender, sessionId, frame)) this.warnOfDropped(sender, sessionId);
  }

  private warnOfDropped(sender: string, sessionId: string): void {
    const now = Date.now();
    if (now - (this.warnedAt.get(sender) ?? -Infinity) < WARN_EVERY_MS) return;
    this.warnedAt.set(sender, now);
    const total = this.held.dropped().get(sender);
    this.logger.warn(
      { sender, sessionId, total },
      'round messages dropped: too many, or too long, before their session',
    );
  }
}
