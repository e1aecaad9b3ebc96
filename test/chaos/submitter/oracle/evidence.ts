/** Everything that is known of a run when it is over: what was asked, what was said, what was kept, and what the chain holds. */
import { type SignRequest, type TxOutcome } from '@quorate/protocol';
import { type MinedTransaction } from '../bench/local-chain';
import { type Lane, type PlannedIntent } from '../load/plan';

/** The row of an intent, of a client or a filler of the submitter. */
export interface IntentRow {
  readonly streamId: string;
  readonly requester: string;
  readonly intentId: string;
  readonly status: string;
  readonly address: string | null;
  readonly nonce: string | null;
  readonly hash: string | null;
  readonly blockHash: string | null;
  readonly inFlight: boolean;
  readonly wantsCancel: boolean;
}

export interface AttemptRow {
  readonly streamId: string;
  readonly n: number;
  readonly kind: string;
  readonly unsigned: string;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly status: string;
  /** Signed in advance, and not needed so far. */
  readonly isHeld: boolean;
  readonly raw: string | null;
  readonly hash: string | null;
}

export interface EventRow {
  readonly streamId: string;
  readonly position: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the run did to accounts behind the submitters' backs. */
export interface ForeignDeeds {
  /** Transactions of our accounts that were not made by a submitter. */
  readonly hashes: ReadonlySet<string>;
  /** Raw transactions, signed in advance, that somebody else sent. */
  readonly leaked: ReadonlySet<string>;
  /** Nonces of an account that were made used without a transaction: from `from` up to below `to`. */
  readonly jumps: readonly { readonly address: string; readonly from: number; readonly to: number }[];
}

export interface Evidence {
  readonly intents: readonly PlannedIntent[];
  readonly lanes: readonly Lane[];
  /** Copies left out, in the order in which they came. */
  readonly outcomes: readonly TxOutcome[];
  readonly rows: readonly IntentRow[];
  readonly attempts: readonly AttemptRow[];
  readonly events: readonly EventRow[];
  /** Of the canonical chain, by our accounts and by all others. */
  readonly transactions: readonly MinedTransaction[];
  /** The next nonce of each lane on the chain. */
  readonly chainNonces: ReadonlyMap<string, number>;
  /** Nonces that were given back, by address. */
  readonly vacant: readonly { readonly address: string; readonly nonce: string }[];
  /** Raw transactions that endpoints saw, and those of them that were not committed at that moment. */
  readonly sent: readonly string[];
  readonly sentTooEarly: readonly string[];
  /** Requests to which the signers gave a signature. */
  readonly signed: readonly SignRequest[];
  readonly foreign: ForeignDeeds;
  readonly open: readonly OpenIntent[];
  /** Outcomes that are kept and were never published. */
  readonly unheard: number;
  /** Why intents may end otherwise than paid, beyond what they are and what the chain shows. */
  readonly excuses: Excuses;
}

/** What is not over though nothing stands in its way any more. */
export interface OpenIntent {
  readonly intentId: string;
  readonly status: string;
  readonly lane?: string | null;
  readonly nonce?: string | null;
}

/** Ends that a run's faults make right. */
export interface Excuses {
  /** Codes with which intents may fail. */
  readonly failures: ReadonlySet<string>;
  /** Whether clocks were so wrong that expiry is a matter of opinion. */
  readonly clocks: boolean;
}
