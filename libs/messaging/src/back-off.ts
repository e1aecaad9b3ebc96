/** Milliseconds to wait before attempt `attempt` + 1: doubling from 50 ms to `limit`, the upper half at random. */
export function backOff(attempt: number, limit: number, random: () => number = Math.random): number {
  const full = Math.min(limit, 50 * 2 ** Math.min(attempt, 20));
  return Math.round(full * (0.5 + random() / 2));
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
