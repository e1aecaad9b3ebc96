import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';

/** Create: a new key. Refresh and reshare: new shares of a key. Unban: a new state of one pair of nodes. */
export type KeyOrderKind = 'create' | 'refresh' | 'reshare' | 'unban';
/** Waiting: for its next attempt. Generating: a ceremony runs. Checking and stocking: the new epoch is tried out. */
export type KeyOrderStatus = 'waiting' | 'generating' | 'checking' | 'stocking' | 'usable' | 'failed';

/** Something to be done about a key that takes ceremonies, and how far it is. */
export interface KeyOrder {
  /** That of the operators' command, 0x + 64 hex; random where the coordinators order it themselves. */
  readonly nonce: string;
  readonly kind: KeyOrderKind;
  readonly status: KeyOrderStatus;
  /** Null for a new key. */
  readonly keyId: string | null;
  /** The key's epoch when it was ordered. */
  readonly epoch: number;
  /** The operators' exact bytes; empty for a refresh. */
  readonly command: Buffer;
  readonly signatures: readonly string[];
  /** After this nobody acts on the command; null for a refresh. */
  readonly expiry: Date | null;
  readonly scheme: string;
  readonly threshold: number;
  /** Who shall hold the key, in the order of the command; for an unban the pair. */
  readonly participants: readonly string[];
  /** What all participants signed once new shares were there. */
  readonly facts: KeyFacts | null;
  /** Why it failed; until then, what it waits for. */
  readonly failure: string | null;
  /** Ceremonies that were started for it. */
  readonly attempts: number;
  /** When it got its status. */
  readonly since: Date;
}

export interface KeyOrderChange {
  readonly status: KeyOrderStatus;
  readonly facts?: KeyFacts;
  readonly failure?: string;
  /** One more ceremony was started. */
  readonly isAttempt?: boolean;
}

export interface KeyOrders {
  /** False when the nonce was used before, or when new shares of the same key are under way already. */
  add(tx: StoreTransaction, order: KeyOrder): Promise<boolean>;
  find(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined>;
  /** The same, locked until the transaction ends. */
  lock(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined>;
  /** The refresh or reshare of a key that is under way; there is at most one. */
  openChange(tx: StoreTransaction, keyId: string): Promise<KeyOrder | undefined>;
  /** The same, locked until the transaction ends. */
  lockOpenChange(tx: StoreTransaction, keyId: string): Promise<KeyOrder | undefined>;
  update(tx: StoreTransaction, nonce: string, change: KeyOrderChange): Promise<void>;
}

/** Whether nothing more will happen to the order. */
export function isEnded({ status }: KeyOrder): boolean {
  return status === 'usable' || status === 'failed';
}
