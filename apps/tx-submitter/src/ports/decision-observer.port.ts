import { type StoreTransaction } from '@quorate/event-store';

import { type IntentEvent, type IntentIdentity } from '../intent/events';
import { type IntentState } from '../intent/intent';

/** What one command led to. */
export interface Decision {
  identity: IntentIdentity;
  /** At least one. */
  events: readonly IntentEvent[];
  /** The state that the first event meets, and the one that the last leaves. */
  before: IntentState;
  after: IntentState;
  /** When the first event of the intent was stored. */
  receivedAt: Date;
}

/** Hears of everything that is decided of intents. */
export interface DecisionObserver {
  /** Called within the transaction that stores the decision. It may be rolled back: effects belong after its commit. */
  decided(tx: StoreTransaction, decision: Decision): void;
}
