import { type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { type EncodedRecord } from '@quorate/protocol';

import { type IntentIdentity, streamOf } from '../intent/events';
import { type Outcome } from '../intent/outcome';
import { type Decision, type DecisionObserver } from '../ports/decision-observer.port';
import { type OutcomeEncoder, type OutcomeRecords } from '../ports/outcome-records.port';
import { writeDelivery } from './delivery-table';
import { type Endpoints } from './endpoints';
import { outcomeMessage } from './message';
import { unwatchPending, watchPending } from './pending-table';
import { isSettled } from './settled';

/** Outcomes that become webhooks in the transaction that stores them; other parts hear of every decision. */
export class AnnouncedOutcomes implements OutcomeRecords {
  /** @param wake called after a commit that left something for an endpoint */
  constructor(
    private readonly encoder: OutcomeEncoder,
    private readonly endpoints: Endpoints,
    private readonly wake: (endpoint: string) => void,
    private readonly observers: readonly DecisionObserver[],
  ) {}

  encodeOutcome(outcome: Outcome): OutgoingRecord {
    return this.encoder.encodeOutcome(outcome);
  }

  signOutcomeAgain(record: EncodedRecord): EncodedRecord {
    return this.encoder.signOutcomeAgain(record);
  }

  decided(tx: StoreTransaction, decision: Decision): void {
    for (const observer of this.observers) observer.decided(tx, decision);
  }

  announce(
    tx: StoreTransaction,
    identity: IntentIdentity,
    { intentHash, status }: Outcome,
    { value }: Pick<OutgoingRecord, 'value'>,
  ): void {
    const endpoints = this.endpoints.of(identity.requester);
    const streamId = streamOf(identity);
    // Before the deliveries: the row of what is pending is also the lock that keeps them in order.
    for (const { id: endpoint, pendingEveryMs } of endpoints) {
      if (pendingEveryMs === undefined) continue;
      const watched = { endpoint, streamId, intentHash };
      if (isSettled(status)) unwatchPending(tx, watched);
      else watchPending(tx, watched, pendingEveryMs);
    }
    const hearing = endpoints.filter(({ statuses }) => statuses.includes(status));
    if (hearing.length === 0) return;
    const message = outcomeMessage(value);
    for (const { id } of hearing) {
      writeDelivery(tx, {
        ...{ endpoint: id, streamId, requester: identity.requester, intentId: identity.intentId },
        ...message,
      });
      tx.afterCommit(() => this.wake(id));
    }
  }
}
