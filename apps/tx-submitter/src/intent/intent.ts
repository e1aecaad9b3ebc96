/** The state of an intent, folded from its events. */
import { type IntentStatus } from '@quorate/protocol';
import { type AttemptKind, type BlockRef, type Ending } from './events';

/** Facts that never change once an intent was received, and its expiry, which amendments may put off. */
export interface IntentFacts {
  intentHash: string;
  keyId: string;
  chainId: string;
  confirmations: number;
  /** Milliseconds since 1970; limits the first signature only. */
  expiresAt: number;
  /** Set where no client asked for it. */
  isFiller?: true;
  /** By which others go on with its trace, where it is traced. */
  traceparent?: string;
  /** Hashes of the amendments that were taken, in order. */
  amendments: readonly string[];
}

/** Why the signers will not sign a transaction. */
export interface SignerRefusal {
  code: string;
  reason: string;
  rule?: string | undefined;
}

/** A transaction at the intent's nonce: each that may be sent has both fees above those of the ones before it. */
export interface Attempt {
  kind: AttemptKind;
  maxFeePerGas: string;
  maxPriorityFeePerGas: string;
  digest: string;
  /** Of the signed transaction. */
  hash?: string;
  /** Whether an endpoint was seen to have it. */
  isTaken?: true;
  /** Set when the signers refused it for good, or it is not needed any more: it is never sent. */
  dropped?: SignerRefusal;
  /** Whether it is a rung of a fee ladder that was not needed so far: signed in advance, and not sent. */
  isHeld?: true | undefined;
}

/** The open sign request of an attempt that is being signed. */
export interface OpenSignRequest {
  /** The place of its attempt, from 0. */
  attempt: number;
  /** Counts the requests for this attempt, from 0. */
  try: number;
  requestId: string;
  digest: string;
}

/** Where the canonical chain holds one of the attempts. */
export interface Inclusion {
  attempt: number;
  hash: string;
  block: BlockRef;
  status: 'success' | 'reverted';
  /** Why it failed there, as far as that is known. */
  reason?: string | undefined;
  /** Whether as many blocks as the client asked for hold or follow it. */
  isConfirmed: boolean;
}

/** An intent with a nonce, which it keeps until a transaction with that nonce is final. */
export interface ActiveIntent {
  stage: 'active';
  facts: IntentFacts;
  from: string;
  nonce: string;
  attempts: readonly Attempt[];
  /** At most one for each attempt. */
  requests: readonly OpenSignRequest[];
  inclusion?: Inclusion | undefined;
  /** Set once a cancelling transaction is to use the nonce up. */
  ending?: Ending | undefined;
  /** Why it is parked. */
  parked?: string | undefined;
  /** Whether one of its refused requests may have been signed by somebody. */
  mayBeSigned: boolean;
}

/** Why an intent is parked whose dearer transaction the signers refuse: asking them again would change nothing. */
export const replacementRefused = 'replacement-refused';

export type End = 'finalized' | 'reverted' | 'rejected' | 'failed' | 'cancelled' | 'superseded';

export type IntentState =
  | { stage: 'unknown' }
  | { stage: 'received'; facts: IntentFacts }
  | { stage: 'queued'; facts: IntentFacts; from: string; parked?: string | undefined }
  | ActiveIntent
  | { stage: 'ended'; facts: IntentFacts; end: End };

export const unknownIntent: IntentState = { stage: 'unknown' };

/** Blocks that must hold or follow what uses a missing nonce up. */
export const fillerConfirmations = 2;

/** Whether any of its transactions was signed, so that it may be executed at any time. */
export function isSigned({ attempts }: ActiveIntent): boolean {
  return attempts.some(({ hash }) => hash !== undefined);
}

/**
 * Whether a transaction was sent, or is to be as soon as it is signed: not a rung that waits, nor what was dropped, unless
 * somebody else sent it.
 */
export function isForPools({ dropped, isHeld, isTaken }: Attempt): boolean {
  return isTaken === true || (dropped === undefined && isHeld === undefined);
}

/** The open request with this id. */
export function openRequest(state: IntentState, requestId: string): OpenSignRequest | undefined {
  return state.stage === 'active' ? state.requests.find((open) => open.requestId === requestId) : undefined;
}

/** Whether a signature is awaited of a transaction that is to be sent; rungs of a ladder may wait for theirs. */
export function awaitsSignature({ requests, attempts }: ActiveIntent): boolean {
  return requests.some(({ attempt }) => attempts[attempt]?.isHeld === undefined);
}

/** How an intent with a nonce stands, as clients see it. */
export function statusOf({ attempts, inclusion, ending, parked }: ActiveIntent): IntentStatus {
  if (inclusion?.isConfirmed === true) {
    if (attempts[inclusion.attempt]?.kind === 'cancel') return ending?.kind ?? 'cancelled';
    return inclusion.status === 'success' ? 'confirmed' : 'reverted';
  }
  if (inclusion !== undefined) return 'included';
  if (parked !== undefined) return 'parked';
  return attempts.some(({ isTaken }) => isTaken) ? 'broadcast' : 'signing';
}
