/** The transactions whose signed bytes may be on their way, by hash, until they are buried deep enough. */
import { type IntentIdentity } from '../intent/events';
import { type LaneId } from '../lane/lane';

/** A signed transaction that is committed, so that it may be sent. */
export interface SentTransaction {
  identity: IntentIdentity;
  lane: LaneId;
  nonce: bigint;
  hash: string;
  raw: string;
  /** Blocks that must hold or follow it. */
  confirmations: number;
}

export interface InFlightTransaction extends SentTransaction {
  /** The canonical block that holds it. */
  block?: { number: number; hash: string } | undefined;
  /** Whether an endpoint was seen to have it, as the intent's events say. */
  noted: boolean;
  /** The head's number at the last send that an endpoint took; undefined while none did. */
  takenAtHead?: number | undefined;
  /** When a send that nobody took is repeated, in milliseconds since 1970. */
  resendAt?: number | undefined;
}

/** Heads that may pass without inclusion before the same bytes are sent again: pools lose transactions silently. */
const patienceInHeads = 2;

export class InFlight {
  private readonly byHash = new Map<string, InFlightTransaction>();

  /** Adds a transaction unless it is known; returns what is known of it. */
  add(transaction: SentTransaction, known: Partial<InFlightTransaction> = {}): InFlightTransaction {
    const existing = this.byHash.get(transaction.hash);
    if (existing !== undefined) return existing;
    const entry = { noted: false, ...transaction, ...known };
    this.byHash.set(transaction.hash, entry);
    return entry;
  }

  get(hash: string): InFlightTransaction | undefined {
    return this.byHash.get(hash);
  }

  remove(hash: string): void {
    this.byHash.delete(hash);
  }

  all(): InFlightTransaction[] {
    return [...this.byHash.values()];
  }

  hashes(): string[] {
    return [...this.byHash.keys()];
  }

  get size(): number {
    return this.byHash.size;
  }

  /** At most `limit` transactions to send again now, lowest nonces first. */
  toResend(head: number, now: number, limit: number): InFlightTransaction[] {
    return this.all()
      .filter((entry) => entry.block === undefined && isDue(entry, head, now))
      .sort((a, b) => (a.nonce < b.nonce ? -1 : 1))
      .slice(0, limit);
  }
}

function isDue({ resendAt, takenAtHead }: InFlightTransaction, head: number, now: number): boolean {
  if (resendAt !== undefined) return resendAt <= now;
  return takenAtHead !== undefined && head - takenAtHead >= patienceInHeads;
}
