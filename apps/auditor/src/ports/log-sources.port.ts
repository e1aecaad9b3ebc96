import { type StoreTransaction } from '@quorate/event-store';

/** Which topics the logs were made from, by Kafka's ids. */
export interface LogSources {
  /** None for a log of a version that did not note them, or an empty one. */
  topicsOf(log: number): Promise<string[]>;
  note(tx: StoreTransaction, log: number, topicId: string): void;
}
