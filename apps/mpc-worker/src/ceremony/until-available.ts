import { asQuorateError, type Logger } from '@quorate/platform';

const RETRY_MS = 200;

/** Tries again while something is down, until the given time (unix seconds). */
export async function untilAvailable<T>(logger: Logger, action: () => Promise<T>, until: number): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (asQuorateError(error).kind !== 'unavailable' || Date.now() / 1000 > until) throw error;
      logger.warn({ err: error as Error }, 'waiting for a dependency');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
