/** Tells endpoints of intents that are not settled, again after each of their intervals. */
import { type StoreTransaction } from '@quorate/event-store';

import { writeDelivery } from './delivery-table';
import { pendingMessage } from './message';
import { takePending, unwatchPending } from './pending-table';
import { isSettled } from './settled';

/** Intents that are taken in one transaction. */
export const pendingAtOnce = 100;

/**
 * Writes a notice for each of up to {@link pendingAtOnce} intents of which the endpoint has to hear now. While the notice
 * before has not been delivered, there is no further one.
 *
 * @returns how many intents were looked at.
 */
export async function writePendingNotices(
  tx: StoreTransaction,
  endpoint: string,
  everyMs: number,
  now: number,
): Promise<number> {
  const intents = await takePending(tx, endpoint, everyMs, pendingAtOnce);
  for (const intent of intents) {
    const { streamId, intentHash, requester, intentId } = intent;
    // It was settled while this endpoint was not in the file.
    if (requester === null || isSettled(intent.status)) {
      unwatchPending(tx, { endpoint, streamId, intentHash });
    } else if (!intent.isAnnounced) {
      writeDelivery(tx, {
        ...{ endpoint, streamId, requester, intentId },
        ...pendingMessage(intent, requester, now),
      });
    }
  }
  return intents.length;
}
