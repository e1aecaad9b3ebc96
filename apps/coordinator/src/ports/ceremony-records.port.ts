import { type StoreTransaction } from '@quorate/event-store';
import { type CeremonyEnded } from '@quorate/protocol';
import { type Ceremony, type CeremonyStatus } from '../ceremony/ceremony';

export interface CeremonyRecords {
  add(tx: StoreTransaction, ceremony: Ceremony): Promise<void>;
  /** Locks the ceremonies until the transaction ends. */
  lock(tx: StoreTransaction, sessionIds: readonly string[]): Promise<Ceremony[]>;
  /** Stores results; returns all results of the ceremonies concerned. The first result of a node counts. */
  addResults(tx: StoreTransaction, results: readonly CeremonyEnded[]): Promise<CeremonyEnded[]>;
  setStatus(tx: StoreTransaction, sessionId: string, status: CeremonyStatus): Promise<void>;
  running(tx: StoreTransaction): Promise<Ceremony[]>;
  ofOrder(tx: StoreTransaction, orderNonce: string): Promise<Ceremony[]>;
  /** The highest counter that a re-key of this pair was ever ordered with in this epoch; 0 for none. */
  lastPairCounter(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    pair: readonly string[],
  ): Promise<number>;
  /** Forgets presigning ceremonies that ended before this time. */
  forgetEnded(tx: StoreTransaction, before: Date): Promise<void>;
  statusOf(tx: StoreTransaction, sessionIds: readonly string[]): Promise<Map<string, CeremonyStatus>>;
}
