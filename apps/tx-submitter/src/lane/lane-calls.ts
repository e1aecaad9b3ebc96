/** Brings word of a lane to whoever holds it: this process, or another by the database. */
import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';

import { type LaneId, laneName } from './lane';
import { announce, laneChannel, type LaneMessage, readLaneMessage } from './lane-channel';
import { type LaneLeases } from './lane-leases';

export interface CallParts {
  store: EventStore;
  chainId: string;
  leases: LaneLeases;
  /** A lane of this process may have something to do. */
  onCall: (lane: LaneId) => void;
  /** Transactions were signed for a lane of this process, and committed elsewhere. */
  onSigned: (hashes: string[]) => void;
  logger: Logger;
}

/** What waits to be told. */
interface Call {
  lane: LaneId;
  hashes: string[];
}

export class LaneCalls {
  private waiting = new Map<string, Call>();
  private telling: Promise<void> | undefined;

  constructor(private readonly parts: CallParts) {}

  /** Hears from now on what others tell. */
  start(): Promise<void> {
    return this.parts.store.listen(laneChannel, (text) => {
      const message = readLaneMessage(text);
      if (message !== undefined && message.from !== this.parts.store.owner) this.hear(message);
    });
  }

  /**
   * Tells the holder of a lane that it may have something to do; a lane that nobody holds becomes this process's. What gets
   * lost on the way, the holder finds by itself a little later.
   *
   * @param signed the hash of a transaction that was just committed
   */
  call(lane: LaneId, signed?: string): void {
    if (this.parts.leases.holds(lane)) {
      this.parts.onCall(lane);
      return;
    }
    const call = this.waiting.get(laneName(lane)) ?? { lane, hashes: [] };
    this.waiting.set(laneName(lane), call);
    if (signed !== undefined) call.hashes.push(signed);
    this.telling ??= this.tellAll();
  }

  async stop(): Promise<void> {
    await this.telling;
  }

  private hear(message: LaneMessage): void {
    const { chainId, leases, onCall, onSigned } = this.parts;
    if (message.kind === 'spare') {
      void leases.lookAround();
      return;
    }
    const lane = { chainId, address: message.address };
    if (!leases.holds(lane)) return;
    if (message.hashes.length > 0) onSigned(message.hashes);
    onCall(lane);
  }

  /** Whatever comes while one message is on its way goes into the next. */
  private async tellAll(): Promise<void> {
    while (this.waiting.size > 0) {
      const calls = [...this.waiting.values()];
      this.waiting = new Map();
      await this.tell(calls).catch((error: unknown) =>
        this.parts.logger.warn({ err: error }, 'holders of lanes are not told, and find out by themselves'),
      );
    }
    this.telling = undefined;
  }

  private async tell(calls: Call[]): Promise<void> {
    const { store, leases, onCall } = this.parts;
    // Taking a lane finds what is signed for it.
    await leases.claim(calls.map(({ lane }) => lane));
    const others = calls.filter(({ lane }) => !leases.holds(lane));
    for (const { lane } of calls) if (leases.holds(lane)) onCall(lane);
    if (others.length === 0) return;
    const messages = others.map(({ lane: { address }, hashes }) => ({
      ...{ kind: 'call' as const, from: store.owner, address, hashes },
    }));
    await store.transaction((tx) => announce(tx, messages), { durable: false });
  }
}
