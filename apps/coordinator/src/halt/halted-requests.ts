import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type DurableHalts, type Halt, type HaltSubject } from '@quorate/halts';
import { Conflict, type Logger } from '@quorate/platform';
import { claimedIntentRequester, signRequestSchema } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';
import { type SignRequested } from '../sign-request/events';
import { type OpenedRequest } from '../sign-request/opened-request';
import { identityOfStream } from '../sign-request/sign-request';
import { type SignRequests } from '../sign-request/sign-requests';

const AT_ONCE = 64;

/**
 * Gives open requests in a halted scope their outcome. Whoever notices first: the sweep when a halt comes, or the next
 * look at the request, which is a row in the database and outlives this process.
 */
export class HaltedRequests {
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: EventStore,
    private readonly requests: SignRequests,
    private readonly halts: Pick<DurableHalts, 'covering' | 'isClear'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** A halt that forbids the request; undefined when there is none. */
  haltOf(requested: SignRequested): Halt | undefined {
    return this.halts.isClear() ? undefined : this.halts.covering(subjectOf(requested));
  }

  /** Ends the request if it is open and halted. */
  end(request: OpenedRequest): void {
    const { state } = request;
    if (state.status !== 'open') return;
    const halt = this.haltOf(state.request);
    if (halt !== undefined) request.execute({ kind: 'halt', halt, now: this.clock.now() }, halt.haltId);
  }

  /** Looks at every open request, a few in each transaction. */
  sweep(): void {
    this.sweeping = this.sweeping
      .then(() => this.sweepAll())
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'halted requests wait for their next look'),
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

/** In whose name a request is made: an intent's requester, too. */
function subjectOf(requested: SignRequested): HaltSubject {
  const { keyId, requester, payloadKind, value } = requested;
  if (payloadKind !== 'evm-intent') return { keyId, requesters: [requester] };
  const request = signRequestSchema.safeParse(JSON.parse(Buffer.from(value, 'base64').toString()));
  const client = request.success ? claimedIntentRequester(request.data) : undefined;
  return { keyId, requesters: client === undefined ? [requester] : [requester, client] };
}
