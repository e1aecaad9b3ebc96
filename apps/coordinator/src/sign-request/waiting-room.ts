import { type EventStore } from '@quorate/event-store';
import { Conflict, type Logger } from '@quorate/platform';
import { type WaitingRequests } from '../ports/waiting-requests.port';
import { type PresignatureStock } from '../presignature-stock/presignature-stock';
import { type CommitteeChoice } from './committee-choice';
import { currentAttempt, identityOfStream } from './sign-request';
import { type SignRequests } from './sign-requests';

const SERVED_AT_ONCE = 64;

/** Serves requests that waited for a presignature, in order of arrival, when there is stock again. */
export class WaitingRoom {
  private readonly serving = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();

  constructor(
    private readonly store: EventStore,
    private readonly waiting: WaitingRequests,
    private readonly requests: SignRequests,
    private readonly choice: CommitteeChoice,
    private readonly stock: PresignatureStock,
    private readonly logger: Logger,
  ) {}

  /** One at a time per key; calls meanwhile lead to one more round. */
  serve(keyId: string): Promise<void> {
    const running = this.serving.get(keyId);
    if (running !== undefined) {
      this.again.add(keyId);
      return running;
    }
    const serving = this.serveAll(keyId)
      .catch((error: unknown) =>
        this.logger.warn({ err: error, keyId }, 'waiting requests could not be served'),
      )
      .finally(() => {
        this.serving.delete(keyId);
        if (this.again.delete(keyId)) void this.serve(keyId);
      });
    this.serving.set(keyId, serving);
    return serving;
  }

  private async serveAll(keyId: string): Promise<void> {
    for (;;) {
      const limit = Math.min(this.stock.available(keyId), SERVED_AT_ONCE);
      if (limit === 0 || (await this.serveSome(keyId, limit)) < limit) return;
    }
  }

  /** A request that moved on meanwhile costs its presignature; the others are served in the next round. */
  private async serveSome(keyId: string, limit: number): Promise<number> {
    try {
      return await this.serveOnce(keyId, limit);
    } catch (error) {
      if (error instanceof Conflict) return limit;
      throw error;
    }
  }

  /** @returns how many left the waiting room */
  private serveOnce(keyId: string, limit: number): Promise<number> {
    return this.store.transaction(async (tx) => {
      const streamIds = await this.waiting.take(tx, keyId, limit);
      if (streamIds.length === 0) return 0;
      const opened = await this.requests.open(tx, streamIds.map(identityOfStream));
      let served = 0;
      const strays: string[] = [];
      for (const [streamId, request] of opened) {
        const { state } = request;
        if (state.status !== 'open' || currentAttempt(state) !== undefined) strays.push(streamId);
        else if (this.choice.choose(request, streamId)) served++;
      }
      this.waiting.remove(tx, strays);
      this.requests.save(tx, opened.values());
      return served + strays.length;
    });
  }
}
