import { type EachBatchPayload } from 'kafkajs';

export const HEARTBEAT_MS = 2000;

/**
 * Waits for `work` and tells the group that this member is alive meanwhile. When the group wants to rebalance it
 * rejects with kafkajs's error at once, or, with `wait` (work that cannot be abandoned), resolves with that error
 * when the work is done; the caller then throws it, so that kafkajs joins again.
 */
export async function whileHeartbeating(
  payload: EachBatchPayload,
  work: Promise<void>,
  { wait = false }: { wait?: boolean } = {},
): Promise<Error | undefined> {
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const rebalance = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
        resolve();
      });
    }, HEARTBEAT_MS);
  });
  try {
    await (wait ? work : Promise.race([work, rebalance]));
  } finally {
    clearInterval(timer);
  }
  if (failure !== undefined && !wait) throw failure;
  return failure;
}
