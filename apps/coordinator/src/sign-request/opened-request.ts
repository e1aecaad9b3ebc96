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

/** A sign request within one transaction: its state, and the events that commands have added to it so far. */
export class OpenedRequest {
  readonly added: AddedEvent[] = [];
  /** Whether it had no attempt under way when the transaction began. */
  readonly startedWaiting: boolean;
  private readonly causes: string[] = [];
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
      this.state = evolve(this.state, event);
      this.added.push(event);
      this.causes.push(causationId);
    }
    return added;
  }

  newEvents(occurredAt: Date): NewEvent[] {
    const correlationId = this.correlationId();
    const { traceparent } = this;
    return this.added.map(({ type, data, eventId }, i) => ({
      type,
      data,
      eventId,
      correlationId,
      causationId: this.causes[i] ?? eventId,
      occurredAt,
      traceparent,
    }));
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
