/** The signers' answers. */
import { type AcceptSignature, type AskAgain, type RefuseSignature } from '../commands';
import { type IntentEvent } from '../events';
import { type IntentState, isSigned, replacementRefused } from '../intent';
import { park } from './queue';
import { afterRefusal } from './signature-refusal';

export function acceptSignature({ requestId, hash }: AcceptSignature, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.request?.requestId !== requestId) return [];
  return [{ type: 'quorate.tx.signed.v1', data: { attempt: state.request.attempt, requestId, hash } }];
}

/**
 * A refused first transaction ends the intent: its nonce goes back when nobody can have signed it, or is used up by a
 * cancelling transaction. A refused later one leaves those before it, and the intent parked.
 */
export function refuseSignature(command: RefuseSignature, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.request?.requestId !== command.requestId) return [];
  const { requestId, code, reason, mayBeSigned, rule } = command;
  const { attempt } = state.request;
  const failed: IntentEvent = {
    type: 'quorate.tx.signature-failed.v1',
    data: { requestId, code, reason, mayBeSigned },
  };
  const isFirst = !isSigned(state) && state.ending === undefined;
  const next = afterRefusal(
    { ...command, mayBeSigned: mayBeSigned || state.mayBeSigned, try: state.request.try },
    isFirst ? state.facts.expiresAt : Infinity,
  );
  if (next.kind === 'ask-again') return [failed];
  const failure = { code: next.code, reason, ...(rule !== undefined && { rule }) };
  const dropped: IntentEvent = { type: 'quorate.tx.attempt-dropped.v1', data: { attempt, ...failure } };
  if (state.ending !== undefined) {
    const why = `its nonce ${state.nonce} cannot be used up, and holds up those after it: ${reason}`;
    return [failed, dropped, { type: 'quorate.tx.parked.v1', data: { code: 'cancel-refused', reason: why } }];
  }
  if (!isFirst) {
    const why = `the signers refuse a dearer transaction, the one before it is sent again: ${reason}`;
    const parked = park({ kind: 'park', code: replacementRefused, reason: why }, state);
    return [failed, dropped, ...parked];
  }
  if (next.nonce === 'free')
    return [failed, { type: 'quorate.tx.failed.v1', data: { ...failure, nonce: state.nonce } }];
  return [
    failed,
    dropped,
    { type: 'quorate.tx.cancel-requested.v1', data: { ending: { kind: 'failed', ...failure } } },
  ];
}

export function askAgain(command: AskAgain, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.request?.try !== command.try - 1) return [];
  const { attempt, digest } = state.request;
  const data = { attempt, try: command.try, requestId: command.requestId, digest };
  return [{ type: 'quorate.tx.signature-requested.v1', data }];
}
