import { type OutgoingRecord } from '@quorate/messaging';

import { type Outcome } from '../intent/outcome';

/** Makes the signed records that tell clients what happened to their intents. */
export interface OutcomeRecords {
  /** The record of tx.outcomes for an outcome, with a new id and the time now. */
  encodeOutcome(outcome: Outcome): OutgoingRecord;
}
