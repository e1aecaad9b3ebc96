import { type EventStore, type StoredEvent, type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { streams } from '@quorate/protocol';
import { type AnswerRecords } from '../ports/answer-records.port';
import { type Clock } from '../ports/clock.port';
import { outcomeKey, type OutcomeRecords } from '../ports/outcome-records.port';
import { type PresignBatches, type PresignatureUse } from '../ports/presign-batches.port';
import { type WaitingRequests } from '../ports/waiting-requests.port';
import { type Assignments } from '../node-session/assignments';
import { type Pulse } from '../quarantine/pulse';
import { type CommitteeChosen, isSignRequestEvent } from './events';
import { evolve, initialSignRequest } from './evolve';
import { type FinalRecords, isOutcome } from './final-record';
import { OpenedRequest } from './opened-request';
import { RequestMemory } from './request-memory';
import { currentAttempt, type SignRequest } from './sign-request';
import { type SignRequestMetrics } from './sign-request-metrics';

/** A request without a presignature looks again after this time, whatever else wakes it. */
export const WAITING_LOOK_MS = 2_000;

export interface Identity {
  readonly requester: string;
  readonly requestId: string;
}

/** Reads sign requests from their streams, and saves all that follows from what happened to them. */
export class SignRequests {
  private demand: () => void = () => undefined;
  private readonly memory = new RequestMemory();

  constructor(
    readonly store: EventStore,
    private readonly outcomes: OutcomeRecords,
    private readonly answers: AnswerRecords,
    private readonly waiting: WaitingRequests,
    private readonly batches: PresignBatches,
    private readonly finals: FinalRecords,
    private readonly assignments: Assignments,
    private readonly metrics: SignRequestMetrics,
    private readonly pulse: Pick<Pulse, 'patienceMs'>,
    private readonly clock: Clock,
  ) {}

  /** @param demand called after a commit that left requests without a presignature */
  onDemand(demand: () => void): void {
    this.demand = demand;
  }

  /**
   * The request as this coordinator remembers it, if it does and `isCurrent` agrees: what another coordinator did since
   * then only shows when something is appended.
   */
  recall(streamId: string, isCurrent: (request: OpenedRequest) => boolean): OpenedRequest | undefined {
    const request = this.memory.take(streamId);
    return request !== undefined && isCurrent(request) ? request : undefined;
  }

  /** By stream id, taken for requests that nobody has made: saving one that somebody has fails with Conflict `version`. */
  openNew(identities: readonly Identity[]): Map<string, OpenedRequest> {
    return new Map(
      identities.map(({ requester, requestId }) => [
        streams.sign(requester, requestId),
        new OpenedRequest(requester, requestId, initialSignRequest, 0),
      ]),
    );
  }

  /** By stream id. Requests that nobody has made have the status `none`. */
  async open(tx: StoreTransaction, identities: readonly Identity[]): Promise<Map<string, OpenedRequest>> {
    const byId = new Map(identities.map((id) => [streams.sign(id.requester, id.requestId), id]));
    const histories = await tx.readStreams([...byId.keys()]);
    const opened = new Map<string, OpenedRequest>();
    for (const [streamId, { requester, requestId }] of byId) {
      const stored = histories.get(streamId) ?? [];
      opened.set(streamId, new OpenedRequest(requester, requestId, replay(stored), stored.length));
    }
    return opened;
  }

  /**
   * Appends the new events, publishes the outcomes among them, reserves presignatures, sets the next deadlines, and
   * after the commit assigns work to the committees.
   * @returns the outcomes it published, by `outcomeKey`
   * The transaction fails with Conflict when a presignature was given out before.
   */
  save(tx: StoreTransaction, requests: Iterable<OpenedRequest>): Map<string, OutgoingRecord> {
    const opened = [...requests];
    tx.afterCommit(() => opened.forEach((request) => this.memory.remember(request)));
    const changed = opened.filter((request) => request.added.length > 0);
    if (changed.length === 0) return new Map();
    const now = this.clock.now();
    const outcomes = changed.flatMap((request) =>
      request.added.filter(isOutcome).map((event) => ({
        streamId: request.streamId,
        requestHash: event.data.requestHash,
        record: this.finals.of(event, now, request.traceparent),
      })),
    );
    for (const { record, streamId } of outcomes) tx.publish(record, streamId);
    for (const request of changed) {
      const events = request.newEvents(now);
      if (events.length > 0) tx.append(request.streamId, request.version, events);
      this.scheduleNext(tx, request, now);
    }
    const closed = changed.filter((request) => request.version > 0 && request.state.status === 'closed');
    const closedIds = closed.map((request) => request.streamId);
    this.batches.use(tx, changed.flatMap(usesOf));
    this.outcomes.add(tx, outcomes);
    this.answers.forget(tx, closedIds);
    this.updateWaiting(tx, changed);
    tx.afterCommit(() => {
      for (const request of changed) {
        this.metrics.saved(request);
        this.assignments.update(request);
      }
    });
    return new Map(
      outcomes.map(({ streamId, requestHash, record }) => [outcomeKey(streamId, requestHash), record]),
    );
  }

  private scheduleNext(tx: StoreTransaction, request: OpenedRequest, now: Date): void {
    const { state, streamId } = request;
    if (state.status === 'none') return;
    if (state.status === 'closed') {
      if (request.version > 0) tx.cancelDue('sign', streamId);
      return;
    }
    // Another request under the same identity changes nothing for this one.
    if (!request.added.some((event) => event.data.requestHash === state.request.requestHash)) return;
    const attempt = currentAttempt(state);
    const patience = attempt === undefined ? WAITING_LOOK_MS : this.pulse.patienceMs();
    const at = new Date(Math.min(now.getTime() + patience, new Date(state.request.deadline).getTime()));
    tx.schedule('sign', streamId, at, { attempt: attempt?.attempt ?? 0, resent: 0 });
  }

  private updateWaiting(tx: StoreTransaction, changed: readonly OpenedRequest[]): void {
    const waiting = changed.flatMap(({ state, streamId }) =>
      state.status === 'open' && currentAttempt(state) === undefined
        ? [{ streamId, keyId: state.request.keyId }]
        : [],
    );
    this.waiting.add(tx, waiting);
    if (waiting.length > 0) {
      tx.afterCommit(() => {
        this.metrics.waiting(waiting.length);
        this.demand();
      });
    }
    const served = changed.filter(
      ({ startedWaiting, streamId }) =>
        startedWaiting && !waiting.some((other) => other.streamId === streamId),
    );
    this.waiting.remove(
      tx,
      served.map((request) => request.streamId),
    );
  }
}

function replay(stored: readonly StoredEvent[]): SignRequest {
  return stored.filter(isSignRequestEvent).reduce(evolve, initialSignRequest);
}

function usesOf(request: OpenedRequest): PresignatureUse[] {
  return request.added.flatMap((event) =>
    event.type === 'quorate.sign.committee-chosen.v1' ? [useOf(request.streamId, event.data)] : [],
  );
}

function useOf(streamId: string, chosen: CommitteeChosen): PresignatureUse {
  const { presignatureId, sessionId, index, attempt } = chosen;
  return { presignatureId, sessionId, index, streamId, attempt };
}
