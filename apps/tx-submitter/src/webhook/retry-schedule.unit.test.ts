import { nextAttemptAt } from './retry-schedule';

const hour = 3_600_000;

describe('nextAttemptAt', () => {
  it('doubles from 5 s to 12 h, and gives up after three days', () => {
    const pauses: number[] = [];
    let now = 0;
    for (let attempts = 1; ; attempts += 1) {
      const at = nextAttemptAt({ createdAt: 0, attempts }, now, 0.5);
      if (at === undefined) break;
      pauses.push(at - now);
      now = at;
    }
    expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(Math.max(...pauses)).toBe(12 * hour);
    expect(now).toBeGreaterThan(60 * hour);
    expect(now).toBeLessThanOrEqual(72 * hour);
    expect(pauses).toHaveLength(18);
  });

  it('varies by a fifth', () => {
    expect(nextAttemptAt({ createdAt: 0, attempts: 1 }, 0, 0)).toBe(4_000);
    expect(nextAttemptAt({ createdAt: 0, attempts: 1 }, 0, 1)).toBe(6_000);
  });

  it('waits longer where the receiver asks for it, up to 12 h', () => {
    expect(nextAttemptAt({ createdAt: 0, attempts: 1, retryAfterMs: 60_000 }, 0, 0.5)).toBe(60_000);
    expect(nextAttemptAt({ createdAt: 0, attempts: 3, retryAfterMs: 1_000 }, 0, 0.5)).toBe(20_000);
    expect(nextAttemptAt({ createdAt: 0, attempts: 1, retryAfterMs: 99 * hour }, 0, 0.5)).toBe(12 * hour);
  });

  it('stays finite however many attempts there were', () => {
    expect(nextAttemptAt({ createdAt: 0, attempts: 5_000 }, 0, 1)).toBeLessThan(15 * hour);
  });
});
