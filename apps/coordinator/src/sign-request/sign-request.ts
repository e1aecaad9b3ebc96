import { type CommitteeChosen, type Refusal, type SignRequested } from './events';

/** The state of one (requester, requestId). */
export type SignRequest =
  | { readonly status: 'none' }
  | OpenRequest
  | { readonly status: 'closed'; readonly requestHash: string; readonly intentId: string | null };

export interface OpenRequest {
  readonly status: 'open';
  readonly request: SignRequested;
  readonly attempts: readonly CommitteeChosen[];
  /** Number of the last attempt that was given up; 0 if none. */
  readonly givenUp: number;
  /** Every refusal so far, at most one per node. */
  readonly refusals: readonly Refusal[];
  /** Nodes that left an attempt without an answer, or with a wrong one. */
  readonly missing: readonly string[];
}

/** A node spends at most this many presignatures on one request (threshold-ecdsa.md 8.1). */
export const MAX_ATTEMPTS = 3;

/** Codes with which a node refuses the request itself, whatever presignature it is asked with. */
const FINAL_REFUSALS = new Set(['policy', 'unauthorized', 'invalid', 'expired', 'halted', 'unknown-key']);

export function isFinalRefusal(refusal: Refusal): boolean {
  return isFinalCode(refusal.code);
}

export function isFinalCode(code: string): boolean {
  return FINAL_REFUSALS.has(code);
}

/** The attempt whose partials are awaited, if there is one. */
export function currentAttempt(request: OpenRequest): CommitteeChosen | undefined {
  const last = request.attempts.at(-1);
  return last !== undefined && last.attempt > request.givenUp ? last : undefined;
}

/** Nodes that will never sign this request. */
export function refusingNodes(request: OpenRequest): string[] {
  return request.refusals.filter(isFinalRefusal).map((refusal) => refusal.node);
}

/** The inverse of `streams.sign`. */
export function identityOfStream(streamId: string): { requester: string; requestId: string } {
  const [, requester = '', ...rest] = streamId.split(':');
  return { requester: requester.replaceAll('%3A', ':'), requestId: rest.join(':') };
}
