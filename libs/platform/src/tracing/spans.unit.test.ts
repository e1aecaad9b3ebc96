import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { callerSpan, childSpan, entrySpan, traceClients } from './spans';

const exporter = new InMemorySpanExporter();
const id = 'a'.repeat(32);
const client = (flags: string) => Buffer.from(`00-${id}-${'b'.repeat(16)}-${flags}`);

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
});
beforeEach(() => {
  exporter.reset();
  traceClients({ ratio: 1, followed: false });
});
afterAll(() => {
  traceClients(undefined);
  trace.disable();
});

it('goes on with the trace of a client', () => {
  const entry = entrySpan('sign.accept', client('01'));
  const child = childSpan('sign.assign', entry?.traceparent);
  child?.end();
  entry?.end();
  const [inner, outer] = exporter.getFinishedSpans();
  expect(outer?.spanContext().traceId).toBe(id);
  expect(outer?.parentSpanContext?.spanId).toBe('b'.repeat(16));
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
});

it.each<[string, Buffer | undefined]>([
  ['none', undefined],
  ['an empty one', Buffer.alloc(0)],
  ['another version', Buffer.from(`01-${id}-${'b'.repeat(16)}-01`)],
  ['an upper-case one', Buffer.from(client('01').toString().toUpperCase())],
  ['zeros', Buffer.from(`00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`)],
  ['a longer one', Buffer.concat([client('01'), Buffer.from('-evil')])],
  ['a megabyte', Buffer.alloc(1_000_000, 0x61)],
  ['bytes', Buffer.alloc(55, 0xff)],
])('begins a trace of its own for a client whose header is %s', (_name, header) => {
  entrySpan('sign.accept', header)?.end();
  const [span] = exporter.getFinishedSpans();
  expect(span?.parentSpanContext).toBeUndefined();
  expect(span?.spanContext().traceId).not.toBe(id);
});

it('does not let clients decide how much is traced, unless that is configured', () => {
  traceClients({ ratio: 0, followed: false });
  expect(entrySpan('sign.accept', client('01'))).toBeUndefined();
  traceClients({ ratio: 0, followed: true });
  expect(entrySpan('sign.accept', client('01'))).toBeDefined();
  expect(entrySpan('sign.accept', client('00'))).toBeUndefined();
  expect(entrySpan('sign.accept', undefined)).toBeUndefined();
});

it('makes no spans for what is not traced, or when tracing is off', () => {
  expect(childSpan('node.sign', undefined)).toBeUndefined();
  expect(childSpan('node.sign', '')).toBeUndefined();
  expect(childSpan('node.sign', client('00'))).toBeUndefined();
  traceClients(undefined);
  expect(entrySpan('sign.accept', client('01'))).toBeUndefined();
  expect(childSpan('node.sign', client('01'))).toBeUndefined();
});

it('names the span of a program that uses the client library', () => {
  expect(callerSpan('quorate produce')?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
