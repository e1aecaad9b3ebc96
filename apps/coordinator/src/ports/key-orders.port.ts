import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';

export type KeyOrderStatus = 'generating' | 'checking' | 'usable' | 'failed';

/** The operators' command to create a key, and how far it is. */
export interface KeyOrder {
  /** The command's nonce, 0x + 64 hex. */
  readonly nonce: string;
  readonly status: KeyOrderStatus;
  /** The operators' exact bytes. */
  readonly command: Buffer;
  readonly signatures: readonly string[];
  readonly scheme: string;
  readonly threshold: number;
  /** In order of index, from 1. */
  readonly participants: readonly string[];
  /** What all participants signed once key generation had ended. */
  readonly facts: KeyFacts | null;
  readonly failure: string | null;
}

export interface KeyOrders {
  /** False when the nonce was used before. */
  add(tx: StoreTransaction, order: KeyOrder): Promise<boolean>;
  find(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined>;
  /** The same, locked until the transaction ends. */
  lock(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined>;
  update(
    tx: StoreTransaction,
    nonce: string,
    change: { status: KeyOrderStatus; facts?: KeyFacts; failure?: string },
  ): Promise<void>;
  /** Records that the key passed its health check. */
  setUsable(tx: StoreTransaction, facts: KeyFacts): Promise<void>;
  /** Every key that passed, with the time when it did. */
  usable(tx: StoreTransaction): Promise<{ facts: KeyFacts; usableAt: Date }[]>;
}
