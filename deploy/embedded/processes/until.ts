import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../terminal/start-failure';

/**
 * Polls `probe` until it stops throwing and returns its value.
 * @param timeoutMs after which the last error is reported
 * @param abandoned checked before each attempt; a returned error ends the wait at once
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T>,
  {
    timeoutMs,
    everyMs = 50,
    abandoned,
  }: { timeoutMs: number; everyMs?: number; abandoned?: () => Error | undefined },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const reason = abandoned?.();
    if (reason) throw reason;
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`${what}: not ready after ${Math.round(timeoutMs / 1000)} s (${messageOf(error)})`, {
          cause: error,
        });
      }
    }
    await delay(everyMs);
  }
}
