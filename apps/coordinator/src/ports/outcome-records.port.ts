import { type OutgoingRecord } from '@quorate/messaging';
import { type StoreTransaction } from '@quorate/event-store';

/** An outcome as it was first published: sent again, it is the same byte for byte. */
export interface Outcome {
  readonly streamId: string;
  readonly requestHash: string;
  readonly record: OutgoingRecord;
}

export interface OutcomeRecords {
  /** Outcomes of all bytes ever seen under these identities, by `outcomeKey`. */
  find(tx: StoreTransaction, streamIds: readonly string[]): Promise<Map<string, OutgoingRecord>>;
  add(tx: StoreTransaction, outcomes: readonly Outcome[]): void;
}

export function outcomeKey(streamId: string, requestHash: string): string {
  return `${streamId} ${requestHash}`;
}
