/** What happened to a sign request, in the words of interfaces.md (mpc.events). */

export interface RequestFacts {
  readonly requester: string;
  readonly requestId: string;
  /** 0x + SHA-256 of the request's value. */
  readonly requestHash: string;
}

/** The request as it was accepted: the client's exact bytes, and what was read out of them once. */
export interface SignRequested extends RequestFacts {
  readonly keyId: string;
  readonly path: string | null;
  readonly payloadKind: string;
  /** 0x + 64 hex: what will be signed; null for payload kind `bytes`, whose message is in the client's bytes. */
  readonly digest: string | null;
  /** The requester's fresh nonce, 0x + 64 hex; it enters the re-randomisation. */
  readonly nonce: string;
  readonly expiresAt: string;
  /** No attempt is made after this time (RFC 3339): the expiry, or the coordinator's own limit if that is earlier. */
  readonly deadline: string;
  /** The client's exact bytes, base64. */
  readonly value: string;
  readonly jws: string;
  readonly approvals: string | null;
  /** For an evm-intent: the intent whose story this request belongs to. */
  readonly intentId: string | null;
  /** Of the span that accepted it, where the request is traced (W3C Trace Context). */
  readonly traceparent?: string;
}

/** One presignature of one committee, taken out of stock for one request. */
export interface Reservation {
  /** 0x + 64 hex. */
  readonly presignatureId: string;
  readonly sessionId: string;
  /** Position of the presignature in its batch, from 0. */
  readonly index: number;
  /** Node ids, sorted. */
  readonly committee: readonly string[];
  readonly epoch: number;
  /** As in `PresignBatch`: R of the presignature before re-randomisation, or the joined commitments to the nonce. */
  readonly noncePoint: string;
}

export interface CommitteeChosen extends RequestFacts, Reservation {
  readonly keyId: string;
  /** 1, 2 or 3. */
  readonly attempt: number;
}

export interface PartialReceived extends RequestFacts {
  readonly keyId: string;
  readonly attempt: number;
  /** Nodes whose shares of this attempt arrived. */
  readonly nodes: readonly string[];
  readonly presignatureId: string;
}

export interface Refusal {
  readonly node: string;
  readonly code: string;
  readonly rule: string | null;
  readonly reason: string;
}

export interface SignRetried extends RequestFacts {
  readonly keyId: string;
  /** The attempt that was given up. */
  readonly attempt: number;
  readonly reason: string;
  readonly refusals: readonly Refusal[];
  /** Members that did not answer in time, or at all. */
  readonly missing: readonly string[];
  /** The member whose share is wrong, where that shows. */
  readonly accused?: string;
}

export interface EcdsaSignature {
  readonly r: string;
  readonly s: string;
  readonly yParity: 0 | 1;
}

/** An Ed25519 or BIP-340 signature, 64 bytes in hex. */
export interface ByteSignature {
  readonly bytes: string;
}

export interface SignCompletedEvent extends RequestFacts {
  readonly keyId: string;
  readonly path: string | null;
  readonly scheme: string;
  /** Null for payload kind `bytes`. */
  readonly digest: string | null;
  readonly signature: EcdsaSignature | ByteSignature;
  readonly publicKey: string;
  /** Null for Schnorr keys. */
  readonly address: string | null;
  readonly committee: readonly string[];
  readonly presignatureId: string;
  readonly completedAt: string;
}

export interface SignRejectedEvent extends RequestFacts {
  readonly keyId: string | null;
  readonly code: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** False only if no node was ever asked. */
  readonly mayBeSigned: boolean;
  readonly rejectedAt: string;
}

export type SignRequestEvent =
  | { readonly type: 'quorate.sign.requested.v1'; readonly data: SignRequested }
  | { readonly type: 'quorate.sign.committee-chosen.v1'; readonly data: CommitteeChosen }
  | { readonly type: 'quorate.sign.partial-received.v1'; readonly data: PartialReceived }
  | { readonly type: 'quorate.sign.retried.v1'; readonly data: SignRetried }
  | { readonly type: 'quorate.sign.completed.v1'; readonly data: SignCompletedEvent }
  | { readonly type: 'quorate.sign.rejected.v1'; readonly data: SignRejectedEvent };

const TYPES: ReadonlySet<string> = new Set<SignRequestEvent['type']>([
  'quorate.sign.requested.v1',
  'quorate.sign.committee-chosen.v1',
  'quorate.sign.partial-received.v1',
  'quorate.sign.retried.v1',
  'quorate.sign.completed.v1',
  'quorate.sign.rejected.v1',
]);

/** Events of a sign request's stream, which only this service appends. */
export function isSignRequestEvent<E extends { readonly type: string }>(
  event: E,
): event is E & SignRequestEvent {
  return TYPES.has(event.type);
}
