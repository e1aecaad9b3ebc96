/** What can happen to an intent: the events of its stream. Amounts, nonces and block numbers are decimal strings. */
import { streams } from '@quorate/protocol';
import { z } from 'zod';

/** Who asked, under which name: the identity of an intent. */
export interface IntentIdentity {
  requester: string;
  intentId: string;
}

/** The stream of an intent. */
export function streamOf({ requester, intentId }: IntentIdentity): string {
  return streams.transaction(requester, intentId);
}

const block = z.object({ number: z.string(), hash: z.string() });
/** A block as events and outcomes name it. */
export type BlockRef = z.output<typeof block>;

const inclusionStatus = z.enum(['success', 'reverted']);
/** `payload` does what the intent asks for, `cancel` moves nothing and uses its nonce up. */
const attemptKind = z.enum(['payload', 'cancel']);
export type AttemptKind = z.output<typeof attemptKind>;

const failure = { code: z.string(), reason: z.string(), rule: z.string().optional() };
/** What becomes of an intent whose nonce a cancelling transaction used up. */
const ending = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cancelled'), by: z.string() }),
  z.object({ kind: z.literal('failed'), ...failure }),
]);
export type Ending = z.output<typeof ending>;

function event<Type extends string, Shape extends z.ZodRawShape>(type: Type, data: Shape) {
  return z.object({ type: z.literal(type), data: z.object(data) });
}

/** All events of an intent's stream, as they are stored. */
export const intentEventSchema = z.discriminatedUnion('type', [
  /** Received, with the client's exact bytes (base64) and signature. */
  event('quorate.tx.requested.v1', {
    intentHash: z.string(),
    value: z.string(),
    jws: z.string(),
    /** Absent in events of before approvals were passed on. */
    approvals: z.array(z.string()).optional(),
    keyId: z.string(),
    chainId: z.string(),
    confirmations: z.int(),
    expiresAt: z.string(),
    /** Of the span that received it, where it is traced (W3C Trace Context). */
    traceparent: z.string().optional(),
  }),
  /** The client changed it afterwards: its exact bytes (base64) and signature. */
  event('quorate.tx.amended.v1', {
    amendmentHash: z.string(),
    value: z.string(),
    jws: z.string(),
    expiresAt: z.string().optional(),
  }),
  /** Its key is known, so its sender is. */
  event('quorate.tx.authorized.v1', { from: z.string() }),
  /** Refused before anything was reserved; with another hash than the intent's, those other bytes were. */
  event('quorate.tx.rejected.v1', { intentHash: z.string(), code: z.string(), reason: z.string() }),
  event('quorate.tx.nonce-reserved.v1', { chainId: z.string(), from: z.string(), nonce: z.string() }),
  /** Not an intent of a client: it only uses up a nonce that later transactions of its lane wait for. */
  event('quorate.tx.filler-created.v1', {
    keyId: z.string(),
    chainId: z.string(),
    from: z.string(),
    nonce: z.string(),
    /** The stream of the intent that gave the nonce back. */
    instead: z.string(),
  }),
  /** An attempt with its fees. */
  event('quorate.tx.priced.v1', {
    attempt: z.int(),
    kind: attemptKind.default('payload'),
    /** Set for a rung of a fee ladder: it is sent only when the `replaced` event says so. */
    isHeld: z.literal(true).optional(),
    gasLimit: z.string(),
    maxFeePerGas: z.string(),
    maxPriorityFeePerGas: z.string(),
    digest: z.string(),
  }),
  /** This attempt, just priced or held so far, is to take the place of those that were sent before it. */
  event('quorate.tx.replaced.v1', { attempt: z.int(), kind: attemptKind, reason: z.string() }),
  event('quorate.tx.signature-requested.v1', {
    attempt: z.int(),
    /** Counts the requests for this attempt, from 0. */
    try: z.int(),
    requestId: z.string(),
    digest: z.string(),
  }),
  event('quorate.tx.signature-failed.v1', {
    requestId: z.string(),
    code: z.string(),
    reason: z.string(),
    mayBeSigned: z.boolean(),
  }),
  /** The signers will not sign this attempt, or it is not needed any more; the others stay. */
  event('quorate.tx.attempt-dropped.v1', { attempt: z.int(), ...failure }),
  event('quorate.tx.signed.v1', { attempt: z.int(), requestId: z.string(), hash: z.string() }),
  /** At least one endpoint has it. */
  event('quorate.tx.broadcast.v1', { attempt: z.int(), hash: z.string() }),
  event('quorate.tx.included.v1', {
    hash: z.string(),
    block,
    status: inclusionStatus,
    gasUsed: z.string(),
    effectiveGasPrice: z.string(),
    /** Why it failed there, as far as that is known. */
    reason: z.string().optional(),
  }),
  /** The block that included it left the canonical chain. */
  event('quorate.tx.reorged.v1', { hash: z.string(), block }),
  event('quorate.tx.confirmed.v1', { hash: z.string(), block, confirmations: z.int() }),
  event('quorate.tx.reverted.v1', {
    hash: z.string(),
    block,
    confirmations: z.int(),
    reason: z.string().optional(),
  }),
  /** From now on only a cancelling transaction is to use its nonce up. */
  event('quorate.tx.cancel-requested.v1', { ending }),
  /** It moves nothing: it had no nonce yet, or (`hash`) a cancelling transaction used it up. */
  event('quorate.tx.cancelled.v1', {
    by: z.string(),
    hash: z.string().optional(),
    block: block.optional(),
    confirmations: z.int().optional(),
  }),
  /** No reorganisation can undo it any more. */
  event('quorate.tx.finalized.v1', { hash: z.string(), block, status: inclusionStatus }),
  /** A transaction that is not ours used its nonce up, for good. */
  event('quorate.tx.superseded.v1', { nonce: z.string(), reason: z.string() }),
  /** It waits for something that people may have to do something about. */
  event('quorate.tx.parked.v1', { code: z.string(), reason: z.string() }),
  /**
   * Given up: nothing of it was or will be executed. `nonce` goes back to its lane; with `hash`, a cancelling transaction
   * used the nonce up.
   */
  event('quorate.tx.failed.v1', {
    ...failure,
    nonce: z.string().optional(),
    hash: z.string().optional(),
    block: block.optional(),
    confirmations: z.int().optional(),
  }),
]);

export type IntentEvent = z.output<typeof intentEventSchema>;
