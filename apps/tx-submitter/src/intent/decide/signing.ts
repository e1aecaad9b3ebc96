/** The signers' answers. */
import { type AcceptSignature, type AdoptSignature, type AskAgain, type RefuseSignature } from '../commands';
import { type IntentEvent } from '../events';
import {
  type ActiveIntent,
  isForPools,
  type IntentState,
  isSigned,
  openRequest,
  replacementRefused,
  type SignerRefusal,
} from '../intent';
import { park } from './queue';
import { afterRefusal, type AfterRefusal } from './signature-refusal';

/** Also when nobody waits for it any more: whoever reads answers can send it, and then it is one of ours. */
export function acceptSignature(
  { attempt, requestId, hash }: AcceptSignature,
  state: IntentState,
): IntentEvent[] {
  if (state.stage !== 'active') return [];
  const asked = state.attempts[attempt];
  if (asked === undefined || asked.hash !== undefined) return [];
  return [{ type: 'quorate.tx.signed.v1', data: { attempt, requestId, hash } }];
}

/**
 * The same transaction, signed a second time, which somebody else sent: it is one of its attempts, and counts as those that
 * are watched only.
 */
export function adoptSignature(
  { attempt, requestId, hash, gasLimit }: AdoptSignature,
  state: IntentState,
): IntentEvent[] {
  if (state.stage !== 'active' || state.attempts.some((one) => one.hash === hash)) return [];
  const asked = state.attempts[attempt];
  if (asked?.hash === undefined)
    return acceptSignature({ kind: 'accept-signature', attempt, requestId, hash }, state);
  const { kind, maxFeePerGas, maxPriorityFeePerGas, digest } = asked;
  const n = state.attempts.length;
  const fees = { gasLimit, maxFeePerGas, maxPriorityFeePerGas };
  const reason = `it is attempt ${attempt} with another signature`;
  return [
    { type: 'quorate.tx.priced.v1', data: { attempt: n, kind, isHeld: true, ...fees, digest } },
    { type: 'quorate.tx.attempt-dropped.v1', data: { attempt: n, code: 'not-needed', reason } },
    { type: 'quorate.tx.signed.v1', data: { attempt: n, requestId, hash } },
  ];
}

/**
 * A refused first transaction ends the intent, when no rung of its ladder can stand in: its nonce goes back when nobody can
 * have signed any of them, or is used up by a cancelling transaction. A refused later one leaves those before it, and the
 * intent parked. A refused rung that was not needed so far leaves everything.
 */
export function refuseSignature(command: RefuseSignature, state: IntentState): IntentEvent[] {
  const { requestId, code, reason, mayBeSigned, rule } = command;
  const request = openRequest(state, requestId);
  if (state.stage !== 'active' || request === undefined) return [];
  const { attempt } = request;
  const isHeld = state.attempts[attempt]?.isHeld === true;
  const isFirst = !isHeld && state.ending === undefined && !hasSent(state);
  const next = afterRefusal(
    { ...command, mayBeSigned: mayBeSigned || state.mayBeSigned, try: request.try },
    isFirst ? state.facts.expiresAt : Infinity,
  );
  const isSpent = next.kind === 'fail' && next.nonce === 'spent';
  const failed: IntentEvent = {
    type: 'quorate.tx.signature-failed.v1',
    data: { requestId, code, reason, mayBeSigned: mayBeSigned || isSpent },
  };
  if (next.kind === 'ask-again') return [failed];
  const refusal = { code: next.code, reason, ...(rule !== undefined && { rule }) };
  const dropped: IntentEvent = { type: 'quorate.tx.attempt-dropped.v1', data: { attempt, ...refusal } };
  if (isHeld) return [failed, dropped];
  if (state.ending !== undefined) {
    const why = `its nonce ${state.nonce} cannot be used up, and holds up those after it: ${reason}`;
    return [failed, dropped, { type: 'quorate.tx.parked.v1', data: { code: 'cancel-refused', reason: why } }];
  }
  if (!isFirst) {
    const why = `the signers refuse a dearer transaction, the one before it is sent again: ${reason}`;
    const parked = park({ kind: 'park', code: replacementRefused, reason: why }, state);
    return [failed, dropped, ...parked];
  }
  const instead = standIn(state);
  if (instead !== undefined) {
    const data = { attempt: instead, kind: 'payload' as const, reason: 'refused' };
    return [failed, dropped, { type: 'quorate.tx.replaced.v1', data }];
  }
  return [failed, ...afterLastRefusal(state, next, dropped, state.attempts[0]?.dropped ?? refusal)];
}

/** @param told what the client is told: of several refusals the first */
function afterLastRefusal(
  state: ActiveIntent,
  { nonce }: Extract<AfterRefusal, { kind: 'fail' }>,
  dropped: IntentEvent,
  told: SignerRefusal,
): IntentEvent[] {
  const { code, reason, rule } = told;
  const failure = { code, reason, ...(rule !== undefined && { rule }) };
  // What one refusal makes certain of its own request says nothing of those before it, and of the other rungs.
  const isUncertain = isSigned(state) || state.mayBeSigned;
  if (nonce === 'free' && !isUncertain)
    return [{ type: 'quorate.tx.failed.v1', data: { ...failure, nonce: state.nonce } }];
  const ending = { kind: 'failed' as const, ...failure };
  return [dropped, { type: 'quorate.tx.cancel-requested.v1', data: { ending } }];
}

export function askAgain({ attempt, try: next, requestId }: AskAgain, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active') return [];
  const request = state.requests.find((open) => open.attempt === attempt);
  if (request?.try !== next - 1) return [];
  const isNeedless = state.ending !== undefined || state.inclusion !== undefined;
  if (isNeedless && state.attempts[attempt]?.isHeld === true) {
    const reason = 'its nonce needs no dearer transaction any more';
    return [{ type: 'quorate.tx.attempt-dropped.v1', data: { attempt, code: 'not-needed', reason } }];
  }
  const data = { attempt, try: next, requestId, digest: request.digest };
  return [{ type: 'quorate.tx.signature-requested.v1', data }];
}

/** Whether a transaction was signed that may be in pools. */
function hasSent({ attempts }: ActiveIntent): boolean {
  return attempts.some((attempt) => attempt.hash !== undefined && isForPools(attempt));
}

/** The cheapest rung of its ladder that is signed, or else that may still be. */
function standIn({ attempts }: ActiveIntent): number | undefined {
  const held = attempts.flatMap((rung, n) =>
    rung.isHeld && rung.dropped === undefined ? [{ ...rung, n }] : [],
  );
  return (held.find(({ hash }) => hash !== undefined) ?? held[0])?.n;
}
