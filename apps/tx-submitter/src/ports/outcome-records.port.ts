import { type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { type EncodedRecord } from '@quorate/protocol';

import { type IntentIdentity } from '../intent/events';
import { type Outcome } from '../intent/outcome';
import { type DecisionObserver } from './decision-observer.port';

/** Makes the signed records that tell clients what happened to their intents. */
export interface OutcomeEncoder {
  /** The record of tx.outcomes for an outcome, with a new id and the time now. */
  encodeOutcome(outcome: Outcome): OutgoingRecord;
  /** An outcome that was kept, to be published again under the present key. */
  signOutcomeAgain(record: EncodedRecord): EncodedRecord;
}

/** Outcomes as clients hear of them, and what else is to be known of each decision. */
export interface OutcomeRecords extends OutcomeEncoder, DecisionObserver {
  /** With the commit of `tx`, tells of a stored outcome those who do not read tx.outcomes. */
  announce(
    tx: StoreTransaction,
    identity: IntentIdentity,
    outcome: Outcome,
    record: Pick<OutgoingRecord, 'value'>,
  ): void;
}
