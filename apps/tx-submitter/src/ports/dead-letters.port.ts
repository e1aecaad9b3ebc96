import { type StoreTransaction } from '@quorate/event-store';
import { type LogRecord } from '@quorate/messaging';

/** Where records go that nobody can be answered about. */
export interface DeadLetters {
  /** Sets a record aside with the reason, as part of `tx`. */
  add(tx: StoreTransaction, record: LogRecord, code: string, reason: string): void;
}
