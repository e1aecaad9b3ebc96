/** When a webhook that was not taken is sent again: after 5 s, then twice as long each time, at most 12 h, for 3 days. */

const second = 1_000;
const hour = 3_600 * second;
const firstPauseMs = 5 * second;
const longestPauseMs = 12 * hour;
/** How long after it was written a webhook is given up. */
export const patienceMs = 72 * hour;

/** A delivery whose attempt failed. */
export interface FailedDelivery {
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Attempts so far, at least 1. */
  attempts: number;
  /** What the receiver asked for. */
  retryAfterMs?: number | undefined;
}

/**
 * The time of the next attempt in milliseconds since 1970; undefined: it is given up.
 *
 * @param random from 0 to 1: pauses vary by a fifth either way, so that what failed together is not repeated together.
 */
export function nextAttemptAt(
  { createdAt, attempts, retryAfterMs = 0 }: FailedDelivery,
  now: number,
  random: number,
): number | undefined {
  const doubled = firstPauseMs * 2 ** Math.min(attempts - 1, 20);
  const pause = Math.min(doubled, longestPauseMs) * (0.8 + 0.4 * random);
  const at = now + Math.round(Math.max(pause, Math.min(retryAfterMs, longestPauseMs)));
  return at > createdAt + patienceMs ? undefined : at;
}
