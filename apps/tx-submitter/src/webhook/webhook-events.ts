/** What people may have to know of webhooks, on mpc.events. */
import { type NewEvent, type StoreTransaction } from '@quorate/event-store';
import { type DocumentedEventType, type EventPayload, streams } from '@quorate/protocol';

import { type ClaimedDelivery } from './delivery-table';

/** A webhook was given up after its last attempt. */
export function tellGivenUp(
  tx: StoreTransaction,
  endpoint: string,
  { eventId, requester, intentId, type: about, attempts }: ClaimedDelivery,
  result: string,
): void {
  const data = { endpoint, webhookId: eventId, requester, intentId, about, attempts, result };
  append(tx, endpoint, 'quorate.tx.webhook-given-up.v1', data);
}

/** Webhooks were given up because nobody delivers to their endpoints any more; the endpoint of each. */
export function tellOrphansGivenUp(tx: StoreTransaction, endpoints: readonly string[]): void {
  for (const endpoint of new Set(endpoints)) {
    const count = endpoints.filter((one) => one === endpoint).length;
    append(tx, endpoint, 'quorate.tx.webhooks-orphaned.v1', { endpoint, count });
  }
}

/** A receiver ended its subscription: it answered 410. */
export function tellGone(tx: StoreTransaction, endpoint: string, { eventId }: ClaimedDelivery): void {
  append(tx, endpoint, 'quorate.tx.webhook-endpoint-gone.v1', { endpoint, webhookId: eventId });
}

function append<T extends DocumentedEventType>(
  tx: StoreTransaction,
  endpoint: string,
  type: T,
  data: EventPayload<T> & object,
): void {
  const streamId = streams.webhook(endpoint);
  const event: NewEvent = { type, data, correlationId: streamId, causationId: streamId };
  tx.appendNext(streamId, [event]);
}
