import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** How long a value may take to be found at a scrape, in milliseconds; Prometheus itself waits for ten seconds. */
const COLLECT_MS = 3_000;

interface MetricOptions<L extends string> {
  /** snake_case with unit, without the `quorate_` prefix: `audit_lag_records`, `sign_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: L[];
}

interface CollectedOptions<M> {
  /** Called at each scrape, to set the value only then. When it fails or takes too long, there is no value. */
  readonly collect?: (this: M) => void | Promise<void>;
}

/** The process's Prometheus registry, served by `/metrics`: docs/observability.md has all names. */
export class Metrics {
  readonly registry = new Registry();
  private readonly missed: Counter<'metric'>;

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    this.missed = this.counter({
      name: 'scrape_errors_total',
      help: 'Values that could not be found at a scrape: what they are read from is away, or slow.',
      labelNames: ['metric'],
    });
  }

  counter<L extends string>(options: MetricOptions<L> & CollectedOptions<Counter<L>>): Counter<L> {
    const { collect } = options;
    if (collect === undefined) return new Counter(this.named(options));
    const missed = (): void => this.missed.inc({ metric: options.name });
    return new Counter({
      ...this.named(options),
      async collect() {
        if (await isFound(() => collect.call(this))) return;
        this.reset();
        missed();
      },
    });
  }

  gauge<L extends string>(options: MetricOptions<L> & CollectedOptions<Gauge<L>>): Gauge<L> {
    const { collect, labelNames = [] } = options;
    if (collect === undefined) return new Gauge(this.named(options));
    const missed = (): void => this.missed.inc({ metric: options.name });
    return new Gauge({
      ...this.named(options),
      async collect() {
        if (await isFound(() => collect.call(this))) return;
        // `reset` would show 0.
        if (labelNames.length === 0) this.remove();
        else this.reset();
        missed();
      },
    });
  }

  histogram<L extends string>(options: MetricOptions<L> & { buckets?: number[] }): Histogram<L> {
    return new Histogram(this.named(options));
  }

  private named<O extends { name: string }>(options: O): O & { registers: Registry[] } {
    return { ...options, name: `quorate_${options.name}`, registers: [this.registry] };
  }
}

/** Whether a value was set in time: one that is not leaves the others on the page. */
async function isFound(collect: () => void | Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), COLLECT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(collect()).then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
