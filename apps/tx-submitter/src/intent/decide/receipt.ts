/** What a client sent, and whose account it is about. */
import { AMENDMENTS_PER_INTENT } from '@quorate/protocol';
import { type Amend, type Authorize, type Receive, type Refuse } from '../commands';
import { type IntentEvent } from '../events';
import { type IntentState } from '../intent';
import { requestCancel } from './replacement';

export function receive(
  { intentHash, value, jws, approvals, traceparent, terms, now, servedChainId }: Receive,
  state: IntentState,
): IntentEvent[] {
  if (state.stage !== 'unknown') {
    if (state.facts.intentHash === intentHash) return [];
    const reason = 'another intent has this requester and intentId: choose a new intentId';
    return [rejected(intentHash, 'conflict', reason)];
  }
  const requested: IntentEvent = {
    type: 'quorate.tx.requested.v1',
    data: {
      ...{ intentHash, value, jws, approvals, ...terms },
      ...(traceparent !== undefined && { traceparent }),
    },
  };
  if (Date.parse(terms.expiresAt) <= now)
    return [requested, rejected(intentHash, 'expired', `expiresAt ${terms.expiresAt} has passed`)];
  if (terms.chainId !== servedChainId) {
    const reason = `chainId ${terms.chainId} is not served here: this submitter serves ${servedChainId}`;
    return [requested, rejected(intentHash, 'invalid', reason)];
  }
  return [requested];
}

export function refuse({ intentHash, code, reason }: Refuse, state: IntentState): IntentEvent[] {
  if (state.stage !== 'unknown' && state.facts.intentHash === intentHash) return [];
  return [rejected(intentHash, code, reason)];
}

/** An amendment counts from the moment it is taken; what was signed before stays what it is. */
export function amend(command: Amend, state: IntentState): IntentEvent[] {
  const { amendmentHash, value, jws, expiresAt, cancel } = command;
  if (state.stage === 'unknown') {
    const reason = 'there is no intent with this requester and intentId to amend: send the intent first';
    return [rejected(amendmentHash, 'unknown-intent', reason)];
  }
  if (state.facts.amendments.includes(amendmentHash)) return [];
  if (state.stage === 'ended') {
    return [rejected(amendmentHash, 'too-late', `the intent is ${state.end}: nothing of it can be changed`)];
  }
  if (state.facts.amendments.length >= AMENDMENTS_PER_INTENT) {
    const reason = `an intent takes at most ${AMENDMENTS_PER_INTENT} amendments`;
    return [rejected(amendmentHash, 'invalid', reason)];
  }
  const amended: IntentEvent = {
    type: 'quorate.tx.amended.v1',
    data: { amendmentHash, value, jws, ...(expiresAt !== undefined && { expiresAt }) },
  };
  if (!cancel) return [amended];
  // Taken while a block holds it, it counts in case the block leaves the chain.
  const onceFree = state.stage === 'active' ? { ...state, inclusion: undefined } : state;
  return [amended, ...requestCancel({ kind: 'request-cancel', by: 'requester' }, onceFree)];
}

export function authorize({ key }: Authorize, state: IntentState): IntentEvent[] {
  if (state.stage !== 'received') return [];
  if (key.found) return [{ type: 'quorate.tx.authorized.v1', data: { from: key.from } }];
  return [rejected(state.facts.intentHash, key.code, key.reason)];
}

function rejected(intentHash: string, code: string, reason: string): IntentEvent {
  return { type: 'quorate.tx.rejected.v1', data: { intentHash, code, reason } };
}
