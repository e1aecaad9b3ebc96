import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';

/** A key from its generation to its end, as all coordinators share it. */
export interface KeyLife {
  readonly keyId: string;
  /** The newest epoch for which the nodes hold a certificate; requests may still be served by the one before. */
  readonly certified: KeyFacts;
  /** The highest epoch number that was ever ordered: a failed attempt burns its number. */
  readonly lastEpoch: number;
  /** When the shares of the certified epoch were made. */
  readonly certifiedAt: Date;
  /** When a refresh without operators last succeeded: the nodes limit their rate. */
  readonly refreshedAt: Date | null;
  /** The operators' command that ended the key. */
  readonly retirement: Retirement | null;
}

export interface Retirement {
  readonly nonce: string;
  readonly command: Buffer;
  readonly signatures: readonly string[];
}

/** The epoch of a key that serves requests. */
export interface UsableEpoch {
  readonly facts: KeyFacts;
  /** When the key became usable for the first time. */
  readonly usableAt: Date;
  /** Party index of every node that ever held a share in a usable epoch. */
  readonly indices: Readonly<Record<string, number>>;
  readonly retirement: Retirement | null;
}

/** What one coordinator knows of a key: enough to ask only for what changed. */
export interface KnownEpoch {
  readonly keyId: string;
  readonly epoch: number;
  readonly isRetired: boolean;
}

export interface KeyLives {
  /** A key generation has ended. */
  begin(tx: StoreTransaction, facts: KeyFacts): Promise<void>;
  find(tx: StoreTransaction, keyId: string): Promise<KeyLife | undefined>;
  /** The same, locked until the transaction ends. */
  lock(tx: StoreTransaction, keyId: string): Promise<KeyLife | undefined>;
  /** The nodes hold a certificate of a new epoch. */
  certify(tx: StoreTransaction, facts: KeyFacts, isRefresh: boolean): Promise<void>;
  /** Uses up an epoch number. */
  burnEpoch(tx: StoreTransaction, keyId: string, epoch: number): Promise<void>;
  /** Records that an epoch passed its trial: from this commit on it serves the requests. */
  setUsable(tx: StoreTransaction, facts: KeyFacts): Promise<void>;
  /** The usable epochs that are not known yet. */
  usable(tx: StoreTransaction, known: readonly KnownEpoch[]): Promise<UsableEpoch[]>;
  /** Keys whose nodes have moved on to an epoch that does not serve requests yet. */
  changing(tx: StoreTransaction): Promise<Set<string>>;
  /** False when the key was retired before. */
  retire(tx: StoreTransaction, keyId: string, retirement: Retirement): Promise<boolean>;
  /** When the next refresh is due, by key. */
  refreshesDue(tx: StoreTransaction): Promise<Map<string, Date>>;
}
