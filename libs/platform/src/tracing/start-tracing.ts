import { type TracingConfig } from '../config/fragments';

/**
 * Has spans of this process sent to the collector at OTEL_EXPORTER_OTLP_ENDPOINT. Without one nothing is traced, and the
 * exporter, a tenth of what a service loads at its start, is not loaded.
 * @returns sends what is left
 */
export async function startTracing(service: string, config: TracingConfig): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...how } = config;
  if (endpoint === undefined) return () => Promise.resolve();
  const { startOtlpTracing } = await import('./otlp-tracing.js');
  return startOtlpTracing(service, endpoint, how);
}
