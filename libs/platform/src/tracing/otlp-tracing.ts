import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type TracingConfig } from '../config/fragments';
import { traceClients } from './spans';

/** How long spans may wait at the end of the process, in milliseconds. */
const FLUSH_MS = 2_000;

/**
 * Sends spans of this process to a collector (OTLP over HTTP, JSON), in the background: what it does not take is dropped.
 * @param endpoint OTEL_EXPORTER_OTLP_ENDPOINT
 * @returns sends what is left
 */
export function startOtlpTracing(
  service: string,
  endpoint: string,
  config: Omit<TracingConfig, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
): () => Promise<void> {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: FLUSH_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'quorate' }),
    // Whether a request is traced is decided where it enters; spans are made of those only.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: FLUSH_MS })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  traceClients({ ratio: config.OTEL_TRACES_SAMPLER_ARG, followed: config.TRACE_CLIENTS === 'follow' });
  return () => provider.shutdown().catch(() => undefined);
}
