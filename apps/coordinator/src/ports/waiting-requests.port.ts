import { type StoreTransaction } from '@quorate/event-store';

/** Requests that have no presignature yet, in order of arrival. */
export interface WaitingRequests {
  add(tx: StoreTransaction, requests: readonly { streamId: string; keyId: string }[]): void;
  /** Locks and returns the first ones of a key; those that another replica serves right now are left out. */
  take(tx: StoreTransaction, keyId: string, limit: number): Promise<string[]>;
  remove(tx: StoreTransaction, streamIds: readonly string[]): void;
  /** How many wait, by key. */
  counts(tx: StoreTransaction): Promise<Map<string, number>>;
}
