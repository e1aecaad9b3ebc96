import {
  type Attributes,
  context,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanContext,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';

/** W3C Trace Context, version 00; anything else is as if there were none. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const TRACEPARENT_LENGTH = 55;

/** What is decided for strangers: how many of their requests are traced, and whether their own wish counts instead. */
export interface ClientTraces {
  /** 0 to 1. */
  readonly ratio: number;
  readonly followed: boolean;
}

let clients: ClientTraces | undefined;

/** From now on spans are made; `undefined`: none, which is so at the start. */
export function traceClients(decision: ClientTraces | undefined): void {
  clients = decision;
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** Never secrets, and nothing of what a client wants to have signed. */
  readonly attributes?: Attributes;
  /** Milliseconds since 1970; default now. */
  readonly startTime?: number;
}

/** One step of a traced request. */
export class TraceSpan {
  constructor(private readonly span: Span) {}

  /** The header by which others go on with this trace below this span. */
  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  end(): void {
    this.span.end();
  }

  /** @param reason a code, not a text that others wrote */
  fail(reason: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    this.span.end();
  }
}

/**
 * The first span of this installation for a record of a client: below the client's own, if its header names one, and
 * sampled as configured, whatever the client says. Undefined when this request is not traced.
 */
export function entrySpan(
  name: string,
  header: Uint8Array | undefined,
  options: SpanOptions = {},
): TraceSpan | undefined {
  if (clients === undefined) return undefined;
  const parent = parse(header);
  const isWanted =
    clients.followed && parent !== undefined
      ? (parent.traceFlags & TraceFlags.SAMPLED) !== 0
      : Math.random() < clients.ratio;
  if (!isWanted) return undefined;
  return begin(name, parent && below({ ...parent, traceFlags: TraceFlags.SAMPLED }), options);
}

/** A span below one of this installation; undefined when the request is not traced. */
export function childSpan(
  name: string,
  traceparent: string | Uint8Array | undefined,
  options: SpanOptions = {},
): TraceSpan | undefined {
  if (clients === undefined || traceparent === undefined) return undefined;
  const parent = parse(traceparent);
  if (parent === undefined || (parent.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return begin(name, below(parent), options);
}

/** Of a program that uses the client library: below what it does now, if it traces with OpenTelemetry. */
export function callerSpan(name: string, options: SpanOptions = {}): TraceSpan | undefined {
  const span = tracer().startSpan(name, { kind: SpanKind.PRODUCER, ...options }, context.active());
  return isSpanContextValid(span.spanContext()) ? new TraceSpan(span) : undefined;
}

function begin(name: string, parent: Context | undefined, options: SpanOptions): TraceSpan {
  return new TraceSpan(tracer().startSpan(name, { ...options }, parent ?? ROOT_CONTEXT));
}

function tracer() {
  return trace.getTracer('quorate');
}

function below(parent: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

function parse(traceparent: string | Uint8Array | undefined): SpanContext | undefined {
  if (traceparent?.length !== TRACEPARENT_LENGTH) return undefined;
  const text = typeof traceparent === 'string' ? traceparent : Buffer.from(traceparent).toString('latin1');
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const parsed = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(parsed) ? parsed : undefined;
}
