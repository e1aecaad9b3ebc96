import { randomUUID } from 'node:crypto';
import { type NewEvent } from '@quorate/event-store';
import { streams } from '@quorate/protocol';
import { type SignRequestCommand } from './commands';
import { decide } from './decide';
import { type SignRequestEvent } from './events';
import { evolve } from './evolve';
import { currentAttempt, type SignRequest } from './sign-request';

/** An event that this transaction adds, under the id that its final shares. */
export type AddedEvent = SignRequestEvent & { readonly eventId: string };

/**
 * Events of a stream after which refusals of other bytes are answered only, and not among its events: they change nothing of
 * the request, there may be any number of them, and a stream is read whole.
 */
const LONGEST_WITH_REFUSALS = 64;

/** A sign request within one transaction: its state, and the events that commands have added to it so far. */
export class OpenedRequest {
  readonly added: AddedEvent[] = [];
  /** Whether it had no attempt under way when the transaction began. */
  readonly startedWaiting: boolean;
  private readonly causes: string[] = [];
  /** Of `added`, what is only answered. */
  private readonly unstored = new Set<AddedEvent>();
  private readonly tracedBefore: string | undefined;

  constructor(
    readonly requester: string,
    readonly requestId: string,
    public state: SignRequest,
    /** Position of the last stored event; 0 for a new stream. */
    readonly version: number,
  ) {
    this.tracedBefore = state.status === 'open' ? state.request.traceparent : undefined;
    this.startedWaiting = state.status === 'open' && currentAttempt(state) === undefined;
  }

  get streamId(): string {
    return streams.sign(this.requester, this.requestId);
  }

  /** @param causationId what led to the command: a record's or event's id */
  execute(command: SignRequestCommand, causationId: string): AddedEvent[] {
    const added = decide(command, this.state).map((event) => ({ ...event, eventId: randomUUID() }));
    for (const event of added) {
      const before = this.state;
      this.state = evolve(before, event);
      const isMereRefusal = event.type === 'quorate.sign.rejected.v1' && this.state === before;
      if (isMereRefusal && this.nextVersion >= LONGEST_WITH_REFUSALS) this.unstored.add(event);
      this.added.push(event);
      this.causes.push(causationId);
    }
    return added;
  }

  /** Position of the last event once what was added is stored. */
  get nextVersion(): number {
    return this.version + this.added.length - this.unstored.size;
  }

  newEvents(occurredAt: Date): NewEvent[] {
    const correlationId = this.correlationId();
    const { traceparent } = this;
    return this.added.flatMap((event, i) => {
      if (this.unstored.has(event)) return [];
      const { type, data, eventId } = event;
      const causationId = this.causes[i] ?? eventId;
      return [{ type, data, eventId, correlationId, causationId, occurredAt, traceparent }];
    });
  }

  /** By which others go on with the trace of this request; undefined when it is not traced, or over. */
  get traceparent(): string | undefined {
    return this.state.status === 'open' ? this.state.request.traceparent : this.tracedBefore;
  }

  /** The story this request belongs to: its intent's, or its own. */
  private correlationId(): string {
    if (this.state.status === 'none') return this.requestId;
    const { intentId } = this.state.status === 'open' ? this.state.request : this.state;
    return intentId ?? this.requestId;
  }
}
