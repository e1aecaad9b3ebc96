import { Inject, Injectable } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';

import { EVENT_STORE } from '../ports/tokens';

/** A delivery as the HTTP API shows it. Times are null where there is none. */
export interface DeliveryView {
  endpoint: string;
  /** Its `webhook-id`. */
  eventId: string;
  type: string;
  requester: string;
  intentId: string;
  state: string;
  attempts: number;
  createdAt: Date;
  lastAttemptAt: Date | null;
  /** What the last attempt came to. */
  lastResult: string | null;
  /** Null also while it waits behind another of its intent. */
  nextAttemptAt: Date | null;
}

export interface DeliveryFilter {
  endpoint?: string | undefined;
  state?: string | undefined;
  requester?: string | undefined;
  intentId?: string | undefined;
  /** Only what was written before this place. */
  before?: string | undefined;
}

const selectDeliveries = `
  SELECT arrival, endpoint, event_id AS "eventId", type, requester, intent_id AS "intentId", state, attempts,
    created_at AS "createdAt", last_attempt_at AS "lastAttemptAt", last_result AS "lastResult",
    next_attempt_at AS "nextAttemptAt"
  FROM webhook_delivery
  WHERE ($1::text IS NULL OR endpoint = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::text IS NULL OR requester = $3) AND ($4::text IS NULL OR intent_id = $4)
    AND ($5::bigint IS NULL OR arrival < $5)
  ORDER BY arrival DESC LIMIT $6`;

@Injectable()
export class DeliveryQueries {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** Deliveries that match, newest first, with their places. */
  async page(
    { endpoint, state, requester, intentId, before }: DeliveryFilter,
    limit: number,
  ): Promise<{ arrival: string; delivery: DeliveryView }[]> {
    const filter = [endpoint, state, requester, intentId, before].map((value) => value ?? null);
    const rows = await this.store.transaction(
      (tx) => tx.query<DeliveryView & { arrival: string }>(selectDeliveries, [...filter, limit]),
      { durable: false, adHoc: true },
    );
    return rows.map(({ arrival, ...delivery }) => ({ arrival, delivery }));
  }
}
