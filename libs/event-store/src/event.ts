/** An event to append; `data` is the payload of its type without the common fields. */
export interface NewEvent {
  type: string;
  data: object;
  correlationId: string;
  causationId: string;
  /** UUID; default: random. */
  eventId?: string | undefined;
  /** Default: now. */
  occurredAt?: Date | undefined;
  /** W3C Trace Context, for the record's header. */
  traceparent?: string | undefined;
}

/** A new event with its place: what `encodeEvent` makes into a signed record of mpc.events. */
export interface EncodableEvent {
  type: string;
  data: object;
  correlationId: string;
  causationId: string;
  eventId: string;
  occurredAt: Date;
  streamId: string;
  /** 1 for the first event of a stream. */
  streamPosition: number;
  traceparent?: string | undefined;
}

/** An event as it was stored: `value` are the signed bytes, `data` is their JSON (payload and common fields). */
export interface StoredEvent {
  streamId: string;
  position: number;
  eventId: string;
  type: string;
  occurredAt: Date;
  data: Record<string, unknown>;
  value: Buffer;
  jws: string;
}
