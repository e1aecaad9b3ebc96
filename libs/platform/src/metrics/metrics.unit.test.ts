import { Metrics } from './metrics';

const missed = (metric: string) => `quorate_scrape_errors_total{metric="${metric}",service="auditor"} 1`;

describe('Metrics', () => {
  it('leaves out what cannot be found, and shows the rest', async () => {
    const metrics = new Metrics('auditor');
    metrics.counter({ name: 'seen_total', help: 'Seen.' }).inc(3);
    let isAway = false;
    const away = (value: number) => (isAway ? Promise.reject(new Error('Postgres is away')) : value);
    metrics.gauge({
      name: 'lag_seconds',
      help: 'Lag.',
      async collect() {
        this.set(await away(7));
      },
    });
    metrics.gauge({
      name: 'stock',
      help: 'Stock.',
      labelNames: ['key'],
      async collect() {
        this.set({ key: 'k' }, await away(8));
      },
    });
    const before = await metrics.registry.metrics();
    expect(before).toContain('quorate_lag_seconds{service="auditor"} 7\n');
    expect(before).toContain('quorate_stock{key="k",service="auditor"} 8\n');

    isAway = true;
    const during = await metrics.registry.metrics();
    expect(during).toContain('quorate_seen_total{service="auditor"} 3\n');
    expect(during).not.toMatch(/^quorate_(lag_seconds|stock)[ {]/m);
    const after = await metrics.registry.metrics();
    expect(after).toMatch(
      new RegExp(`^quorate_scrape_errors_total{metric="stock",service="auditor"} [12]$`, 'm'),
    );
  });

  it('does not wait for a value that takes too long', async () => {
    jest.useFakeTimers();
    const metrics = new Metrics('auditor');
    metrics.gauge({ name: 'slow', help: 'Slow.', collect: () => new Promise(() => undefined) });
    const page = metrics.registry.getSingleMetric('quorate_slow')?.get();
    await jest.advanceTimersByTimeAsync(3_000);
    expect((await page)?.values).toEqual([]);
    jest.useRealTimers();
    expect(await metrics.registry.metrics().then((text) => text.includes(missed('slow')))).toBe(true);
  }, 10_000);
});
