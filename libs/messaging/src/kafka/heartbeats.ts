import { type EachBatchPayload } from 'kafkajs';

export const HEARTBEAT_MS = 3000;

/**
 * Waits for `work` and tells the group meanwhile that this member is alive. `leaving` aborts, with kafkajs's error, when
 * the group wants to rebalance: that error must then be thrown to kafkajs, so that it joins again.
 */
export async function whileHeartbeating<T>(
  payload: EachBatchPayload,
  work: (leaving: AbortSignal) => Promise<T>,
): Promise<T> {
  const leaving = new AbortController();
  const beat = () => payload.heartbeat().catch((error: unknown) => leaving.abort(error));
  const timer = setInterval(() => void beat(), HEARTBEAT_MS);
  try {
    return await work(leaving.signal);
  } finally {
    clearInterval(timer);
  }
}

/** Waits for work that can be abandoned: throws the reason of `leaving` as soon as it aborts. */
export async function unlessLeaving(leaving: AbortSignal, work: Promise<void>): Promise<void> {
  leaving.throwIfAborted();
  const left = new Promise((resolve) => leaving.addEventListener('abort', resolve, { once: true }));
  await Promise.race([work, left]);
  leaving.throwIfAborted();
}
