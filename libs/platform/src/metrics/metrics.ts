import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

interface MetricOptions<L extends string> {
  /** snake_case with unit, without the `quorate_` prefix: `audit_lag_records`, `sign_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: L[];
}

/** The process's Prometheus registry, served by `/metrics`. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  /** @param options.collect called at each scrape, to set the value only then. */
  counter<L extends string>(
    options: MetricOptions<L> & { collect?: (this: Counter<L>) => void | Promise<void> },
  ): Counter<L> {
    return new Counter(this.named(options));
  }

  /** @param options.collect called at each scrape, to set the value only then. */
  gauge<L extends string>(
    options: MetricOptions<L> & { collect?: (this: Gauge<L>) => void | Promise<void> },
  ): Gauge<L> {
    return new Gauge(this.named(options));
  }

  histogram<L extends string>(options: MetricOptions<L> & { buckets?: number[] }): Histogram<L> {
    return new Histogram(this.named(options));
  }

  private named<O extends { name: string }>(options: O): O & { registers: Registry[] } {
    return { ...options, name: `quorate_${options.name}`, registers: [this.registry] };
  }
}
