import { status } from '@grpc/grpc-js';
import { type EventStore, type StoredEvent, type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';
import { evolve, initialSignRequest } from '../sign-request/evolve';
import { isSignRequestEvent } from '../sign-request/events';
import { identityOfStream } from '../sign-request/sign-request';
import { outcomeKey, type OutcomeRecords } from '../ports/outcome-records.port';
import { ControlError } from './control-error';

/** As quorate.control.v1.Request. */
export interface RequestView {
  readonly requester: string;
  readonly requestId: string;
  readonly requestHash: string;
  readonly keyId: string;
  readonly status: 'open' | 'completed' | 'rejected';
  readonly attempt: number;
  readonly committee: readonly string[];
  readonly acceptedAt: string;
  readonly endedAt: string;
  readonly outcome: Buffer;
  readonly outcomeJws: string;
}

/** Where a sign request stands, read from its stream. */
export class RequestLookup {
  constructor(
    private readonly store: EventStore,
    private readonly outcomes: OutcomeRecords,
  ) {}

  /** @throws ControlError NOT_FOUND, or FAILED_PRECONDITION when requesters share the id and none is named */
  async find(requester: string, requestId: string): Promise<RequestView> {
    return this.store.transaction(
      async (tx) => {
        const streamId =
          requester === '' ? await this.streamOf(tx, requestId) : streams.sign(requester, requestId);
        const events = (await tx.readStreams([streamId])).get(streamId) ?? [];
        if (events.length === 0) throw new ControlError(status.NOT_FOUND, `there is no request ${requestId}`);
        const outcomes = await this.outcomes.find(tx, [streamId]);
        const view = viewOf(streamId, events);
        const outcome = outcomes.get(outcomeKey(streamId, view.requestHash));
        const jws = outcome?.headers['jws'];
        return { ...view, outcome: outcome?.value ?? Buffer.alloc(0), outcomeJws: jws?.toString() ?? '' };
      },
      { durable: false },
    );
  }

  private async streamOf(tx: StoreTransaction, requestId: string): Promise<string> {
    const rows = await tx.query<{ stream_id: string }>(
      `SELECT stream_id FROM event WHERE position = 1 AND starts_with(stream_id, 'sign:')
       AND right(stream_id, length($1) + 1) = ':' || $1 LIMIT 2`,
      [requestId],
    );
    const own = rows.filter(({ stream_id }) => identityOfStream(stream_id).requestId === requestId);
    const [first, second] = own;
    if (first === undefined) throw new ControlError(status.NOT_FOUND, `there is no request ${requestId}`);
    if (second !== undefined) {
      throw new ControlError(
        status.FAILED_PRECONDITION,
        `several requesters have a request ${requestId}: name one`,
      );
    }
    return first.stream_id;
  }
}

function viewOf(
  streamId: string,
  stored: readonly StoredEvent[],
): Omit<RequestView, 'outcome' | 'outcomeJws'> {
  const events = stored.filter(isSignRequestEvent);
  const state = events.reduce(evolve, initialSignRequest);
  const requested = events.find((event) => event.type === 'quorate.sign.requested.v1');
  const chosen = events.findLast((event) => event.type === 'quorate.sign.committee-chosen.v1');
  const hash = requested?.data.requestHash ?? events[0]?.data.requestHash ?? '';
  const end = events.find(
    (event) =>
      (event.type === 'quorate.sign.completed.v1' || event.type === 'quorate.sign.rejected.v1') &&
      event.data.requestHash === hash,
  );
  const isCompleted = end?.type === 'quorate.sign.completed.v1';
  return {
    ...identityOfStream(streamId),
    requestHash: hash,
    keyId: requested?.data.keyId ?? '',
    status: state.status === 'open' ? 'open' : isCompleted ? 'completed' : 'rejected',
    attempt: chosen?.data.attempt ?? 0,
    committee: chosen?.data.committee ?? [],
    acceptedAt: requested?.occurredAt.toISOString() ?? '',
    endedAt: end?.occurredAt.toISOString() ?? '',
  };
}
