import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Conflict, type Logger } from '@quorate/platform';
import { type OpenedRequest } from './opened-request';
import { identityOfStream } from './sign-request';
import { type SignRequests } from './sign-requests';

const AT_ONCE = 64;

/** Something that ends open requests before their deadline. */
export interface EarlyEnding {
  /** Ends the request if it is open and concerned. */
  end(request: OpenedRequest): void;
}

/**
 * Gives open requests the outcome of what ends them early. Whoever notices first: the sweep when it happens, or the next
 * look at the request, which is a row in the database and outlives this process.
 */
export class EarlyEndings implements EarlyEnding {
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: EventStore,
    private readonly requests: SignRequests,
    private readonly endings: readonly EarlyEnding[],
    private readonly logger: Logger,
  ) {}

  end(request: OpenedRequest): void {
    for (const ending of this.endings) ending.end(request);
  }

  /** Looks at every open request, a few in each transaction. */
  sweep(): void {
    this.sweeping = this.sweeping
      .then(() => this.sweepAll())
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'requests that must end wait for their next look'),
      );
  }

  /** Resolves when no sweep is under way. */
  idle(): Promise<void> {
    return this.sweeping;
  }

  private async sweepAll(): Promise<void> {
    for (let last = ''; ;) {
      const streamIds = await this.store.transaction((tx) => nextOpen(tx, last), { durable: false });
      if (streamIds.length === 0) return;
      await this.endAll(streamIds);
      last = streamIds.at(-1) ?? last;
    }
  }

  /** Requests that move on meanwhile are ended alone, or by their next look. */
  private async endAll(streamIds: readonly string[]): Promise<void> {
    try {
      await this.store.transaction(async (tx) => {
        const opened = await this.requests.open(tx, streamIds.map(identityOfStream));
        for (const request of opened.values()) this.end(request);
        this.requests.save(tx, opened.values());
      });
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      if (streamIds.length > 1) for (const streamId of streamIds) await this.endAll([streamId]);
    }
  }
}

async function nextOpen(tx: StoreTransaction, after: string): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    `SELECT key FROM due WHERE kind = 'sign' AND key > $1 ORDER BY key LIMIT ${AT_ONCE}`,
    [after],
  );
  return rows.map(({ key }) => key);
}
