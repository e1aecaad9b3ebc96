import { type StoreTransaction } from '@quorate/event-store';

/** A signed head of a log's tree. */
export interface StoredCheckpoint {
  log: number;
  size: number;
  /** The signed note, with the cosignatures that there are. */
  note: string;
}

/** The signature of a witness on a checkpoint. */
export interface Cosignature {
  log: number;
  size: number;
  witness: string;
  line: string;
}

/** The checkpoints of all logs, for ever. */
export interface Checkpoints {
  /** Keeps one; that of the same size, if there is one, stays. */
  insert(tx: StoreTransaction, checkpoint: StoredCheckpoint): void;
  /** Keeps what a witness signed of one, as the line of a note; its first word on it stays. */
  insertCosignature(tx: StoreTransaction, cosignature: Cosignature): void;
  latest(tx: StoreTransaction, log: number): Promise<StoredCheckpoint | undefined>;
  at(tx: StoreTransaction, log: number, size: number): Promise<StoredCheckpoint | undefined>;
  /** That of the smallest tree with at least `size` leaves. */
  covering(tx: StoreTransaction, log: number, size: number): Promise<StoredCheckpoint | undefined>;
}
