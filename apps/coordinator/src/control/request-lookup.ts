import { status } from '@grpc/grpc-js';
import { type EventStore, type StoredEvent } from '@quorate/event-store';
import { type RequesterDirectory } from '@quorate/platform';
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
    private readonly requesters: Pick<RequesterDirectory, 'kids'>,
  ) {}

  /** @throws ControlError NOT_FOUND, or FAILED_PRECONDITION when requesters share the id and none is named */
  async find(requester: string, requestId: string): Promise<RequestView> {
    const candidates = requester === '' ? this.requesters.kids() : [requester];
    return this.store.transaction(
      async (tx) => {
        const found = await tx.readStreams(candidates.map((kid) => streams.sign(kid, requestId)));
        const [stream, another] = [...found].filter(([, events]) => events.length > 0);
        if (stream === undefined) throw new ControlError(status.NOT_FOUND, notFound(requester, requestId));
        if (another !== undefined) {
          throw new ControlError(
            status.FAILED_PRECONDITION,
            `several requesters have a request ${requestId}: name one`,
          );
        }
        const [streamId, events] = stream;
        const outcomes = await this.outcomes.find(tx, [streamId]);
        const view = viewOf(streamId, events);
        const outcome = outcomes.get(outcomeKey(streamId, view.requestHash));
        const jws = outcome?.headers['jws'];
        return { ...view, outcome: outcome?.value ?? Buffer.alloc(0), outcomeJws: jws?.toString() ?? '' };
      },
      { durable: false },
    );
  }
}

function notFound(requester: string, requestId: string): string {
  return requester === ''
    ? `no requester of REQUESTERS_FILE has a request ${requestId}: name its requester if that one has left`
    : `${requester} has no request ${requestId}`;
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
