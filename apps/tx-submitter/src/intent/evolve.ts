import { type IntentEvent } from './events';
import {
  type ActiveIntent,
  type Attempt,
  type End,
  fillerConfirmations,
  type IntentState,
  type OpenSignRequest,
  replacementRefused,
} from './intent';

/** The state after an event. Events that do not fit the state (which decide never makes) leave it as it is. */
export function evolve(state: IntentState, event: IntentEvent): IntentState {
  switch (event.type) {
    case 'quorate.tx.requested.v1': {
      const { intentHash, keyId, chainId, confirmations, expiresAt, traceparent } = event.data;
      const facts = {
        ...{ intentHash, keyId, chainId, confirmations, expiresAt: Date.parse(expiresAt) },
        ...(traceparent !== undefined && { traceparent }),
      };
      return state.stage === 'unknown' ? { stage: 'received', facts: { ...facts, amendments: [] } } : state;
    }
    case 'quorate.tx.amended.v1': {
      if (state.stage === 'unknown') return state;
      const { amendmentHash, expiresAt } = event.data;
      const amendments = [...state.facts.amendments, amendmentHash];
      const later = Math.max(state.facts.expiresAt, expiresAt === undefined ? 0 : Date.parse(expiresAt));
      const facts = { ...state.facts, amendments, expiresAt: later };
      // Signers may see it otherwise now.
      return state.stage === 'active' && state.parked === replacementRefused
        ? { ...state, facts, parked: undefined }
        : { ...state, facts };
    }
    case 'quorate.tx.authorized.v1':
      return state.stage === 'received'
        ? { stage: 'queued', facts: state.facts, from: event.data.from }
        : state;
    case 'quorate.tx.rejected.v1':
      return state.stage === 'received' && state.facts.intentHash === event.data.intentHash
        ? { stage: 'ended', facts: state.facts, end: 'rejected' }
        : state;
    case 'quorate.tx.nonce-reserved.v1': {
      if (state.stage !== 'queued') return state;
      const { facts, from } = state;
      const { nonce } = event.data;
      return { stage: 'active', facts, from, nonce, attempts: [], requests: [], mayBeSigned: false };
    }
    case 'quorate.tx.filler-created.v1': {
      if (state.stage !== 'unknown') return state;
      const { keyId, chainId, from, nonce } = event.data;
      const facts = { intentHash: '', keyId, chainId, confirmations: fillerConfirmations, expiresAt: 0 };
      return {
        ...{
          stage: 'active',
          facts: { ...facts, isFiller: true, amendments: [] },
          from,
          nonce,
          attempts: [],
          requests: [],
        },
        ...{ ending: { kind: 'cancelled', by: 'filler' }, mayBeSigned: false },
      };
    }
    case 'quorate.tx.parked.v1':
      return state.stage === 'queued' || state.stage === 'active'
        ? { ...state, parked: event.data.code }
        : state;
    case 'quorate.tx.cancelled.v1':
      return state.stage === 'active' ? confirmed(state) : ended(state, 'cancelled');
    case 'quorate.tx.failed.v1':
      return state.stage === 'active' && event.data.hash !== undefined
        ? confirmed(state)
        : ended(state, 'failed');
    case 'quorate.tx.superseded.v1':
      return ended(state, 'superseded');
    default:
      return state.stage === 'active' ? evolveActive(state, event) : state;
  }
}

type EventOfActive = Exclude<
  IntentEvent,
  {
    type: `quorate.tx.${'requested' | 'amended' | 'authorized' | 'rejected' | 'nonce-reserved' | 'filler-created' | 'parked' | 'cancelled' | 'failed' | 'superseded'}.v1`;
  }
>;

function evolveActive(state: ActiveIntent, event: EventOfActive): IntentState {
  switch (event.type) {
    case 'quorate.tx.priced.v1': {
      const { kind, isHeld, maxFeePerGas, maxPriorityFeePerGas, digest } = event.data;
      const attempt = { kind, maxFeePerGas, maxPriorityFeePerGas, digest, ...(isHeld && { isHeld }) };
      return { ...state, attempts: [...state.attempts, attempt], parked: undefined };
    }
    case 'quorate.tx.replaced.v1':
      return { ...withAttempt(state, event.data.attempt, { isHeld: undefined }), parked: undefined };
    case 'quorate.tx.signature-requested.v1':
      return { ...state, requests: [...requestsBut(state, event.data.attempt), event.data] };
    case 'quorate.tx.signature-failed.v1':
      return { ...state, mayBeSigned: state.mayBeSigned || event.data.mayBeSigned };
    case 'quorate.tx.attempt-dropped.v1': {
      const { attempt, code, reason, rule } = event.data;
      const dropped = { code, reason, ...(rule !== undefined && { rule }) };
      return { ...withAttempt(state, attempt, { dropped }), requests: requestsBut(state, attempt) };
    }
    case 'quorate.tx.signed.v1': {
      const { attempt, hash } = event.data;
      return { ...withAttempt(state, attempt, { hash }), requests: requestsBut(state, attempt) };
    }
    case 'quorate.tx.broadcast.v1':
      return withAttempt(state, event.data.attempt, { isTaken: true });
    case 'quorate.tx.included.v1': {
      const { hash, block, status, reason } = event.data;
      const attempt = state.attempts.findIndex((one) => one.hash === hash);
      const inclusion = { attempt, hash, block, status, reason, isConfirmed: false };
      return { ...state, inclusion, parked: undefined };
    }
    case 'quorate.tx.reorged.v1':
      return { ...state, inclusion: undefined };
    case 'quorate.tx.cancel-requested.v1':
      return { ...state, ending: event.data.ending };
    case 'quorate.tx.confirmed.v1':
    case 'quorate.tx.reverted.v1':
      return confirmed(state);
    case 'quorate.tx.finalized.v1':
      return ended(state, endOf(state));
  }
}

function confirmed(state: ActiveIntent): ActiveIntent {
  return state.inclusion === undefined
    ? state
    : { ...state, inclusion: { ...state.inclusion, isConfirmed: true } };
}

/** What an intent ends as when the transaction that holds its nonce is final. */
function endOf({ attempts, inclusion, ending }: ActiveIntent): End {
  if (inclusion !== undefined && attempts[inclusion.attempt]?.kind === 'cancel')
    return ending?.kind ?? 'cancelled';
  return inclusion?.status === 'reverted' ? 'reverted' : 'finalized';
}

function withAttempt(state: ActiveIntent, n: number, change: Partial<Attempt>): ActiveIntent {
  const attempts = state.attempts.map((attempt, i) => (i === n ? { ...attempt, ...change } : attempt));
  return { ...state, attempts };
}

function requestsBut({ requests }: ActiveIntent, attempt: number): readonly OpenSignRequest[] {
  return requests.filter((request) => request.attempt !== attempt);
}

function ended(state: IntentState, end: End): IntentState {
  return state.stage === 'unknown' ? state : { stage: 'ended', facts: state.facts, end };
}
