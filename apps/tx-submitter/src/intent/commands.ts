/** What is asked of an intent. Times in milliseconds since 1970, amounts in wei, decimal. */
import { type AttemptKind, type BlockRef } from './events';

/** A record with these bytes arrived and its signature is valid. */
export interface Receive {
  kind: 'receive';
  intentHash: string;
  /** Base64 of the client's exact bytes. */
  value: string;
  jws: string;
  /** JWS that came in the record's header, unverified. */
  approvals: string[];
  /** Where the intent is traced. */
  traceparent?: string | undefined;
  terms: { keyId: string; chainId: string; confirmations: number; expiresAt: string };
  now: number;
  /** The chain that this submitter serves. */
  servedChainId: string;
}
/** Bytes under this identity are refused for what they are: malformed, not a client's. */
export interface Refuse {
  kind: 'refuse';
  intentHash: string;
  code: string;
  reason: string;
}
/** An amendment of the client arrived and its signature is valid. */
export interface Amend {
  kind: 'amend';
  amendmentHash: string;
  /** Base64 of the client's exact bytes. */
  value: string;
  jws: string;
  expiresAt?: string | undefined;
  cancel: boolean;
}
/** The key was found (`from`), or was not found in time. */
export interface Authorize {
  kind: 'authorize';
  key: { found: true; from: string } | { found: false; code: 'unknown-key' | 'invalid'; reason: string };
}

/** A transaction that is to be signed: its fees, and the request that asks for it. */
export interface PricedAttempt {
  gasLimit: string;
  maxFeePerGas: string;
  maxPriorityFeePerGas: string;
  digest: string;
  requestId: string;
}
/** It is next on its lane, priced, and gets a nonce. */
export interface Reserve extends PricedAttempt {
  kind: 'reserve';
  nonce: string;
  /** Dearer ones that are signed in advance, each above the one before it. */
  rungs?: readonly PricedAttempt[];
}
/** A rung of its ladder is to take the place of what was sent so far. */
export interface Climb {
  kind: 'climb';
  attempt: number;
  reason: string;
}
/** Another transaction at its nonce, with higher fees. */
export interface Replace extends PricedAttempt {
  kind: 'replace';
  attempt: number;
  attemptKind: AttemptKind;
  reason: string;
}
/** A nonce of a lane is missing: this intent of nobody's is to use it up. */
export interface Fill {
  kind: 'fill';
  keyId: string;
  chainId: string;
  from: string;
  nonce: string;
  /** The stream of the intent that gave the nonce back. */
  instead: string;
}
/** It will never fit its terms, or no longer in time. */
export interface GiveUp {
  kind: 'give-up';
  code: string;
  reason: string;
}
/** It cannot go on now, for a reason that may pass. */
export interface Park {
  kind: 'park';
  code: string;
  reason: string;
}
/** Somebody who may wants it to move nothing. */
export interface RequestCancel {
  kind: 'request-cancel';
  by: string;
}
/** No node can ever take its transactions: only a cancelling one can use its nonce up. */
export interface Close {
  kind: 'close';
  code: string;
  reason: string;
}
/** A verified signature over an attempt, attached: this is its hash. It may come after its request was given up. */
export interface AcceptSignature {
  kind: 'accept-signature';
  attempt: number;
  requestId: string;
  hash: string;
}
/** Its nonce was used up by an attempt with another signature than the one that was accepted, if any was. */
export interface AdoptSignature {
  kind: 'adopt-signature';
  attempt: number;
  /** The last request for its signature. */
  requestId: string;
  hash: string;
  gasLimit: string;
}
/** The signers' answer to a request was no. */
export interface RefuseSignature {
  kind: 'refuse-signature';
  requestId: string;
  code: string;
  reason: string;
  rule?: string | undefined;
  mayBeSigned: boolean;
  now: number;
}
/** The pause after a refused request is over. */
export interface AskAgain {
  kind: 'ask-again';
  attempt: number;
  /** For this try of the attempt. */
  try: number;
  requestId: string;
}
/** At least one endpoint took these bytes. */
export interface NoteBroadcast {
  kind: 'note-broadcast';
  hash: string;
}
/** It is in this block of the canonical chain. */
export interface NoteInclusion {
  kind: 'note-inclusion';
  hash: string;
  block: BlockRef;
  status: 'success' | 'reverted';
  gasUsed: string;
  effectiveGasPrice: string;
  /** Why it failed there, as far as that is known. */
  reason?: string;
}
/** This block left the canonical chain. */
export interface NoteReorg {
  kind: 'note-reorg';
  blockHash: string;
}
/** The head of the canonical chain, which holds its block, and the height up to which nothing changes any more. */
export interface NoteHead {
  kind: 'note-head';
  blockHash: string;
  headNumber: number;
  finalizedNumber: number;
}
/** Its nonce was used up, at a final height, by a transaction that is none of its attempts. */
export interface NoteSuperseded {
  kind: 'note-superseded';
  reason: string;
}

export type IntentCommand =
  | Receive
  | Refuse
  | Amend
  | Authorize
  | Reserve
  | Replace
  | Climb
  | Fill
  | GiveUp
  | Park
  | RequestCancel
  | Close
  | AcceptSignature
  | AdoptSignature
  | RefuseSignature
  | AskAgain
  | NoteBroadcast
  | NoteInclusion
  | NoteReorg
  | NoteHead
  | NoteSuperseded;
