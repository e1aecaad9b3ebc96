import { type IntentEvent } from './events';
import { type IntentState } from './intent';

/** The state after an event. Events that do not fit the state (which decide never makes) leave it as it is. */
export function evolve(state: IntentState, event: IntentEvent): IntentState {
  switch (event.type) {
    case 'quorate.tx.requested.v1': {
      const { intentHash, keyId, chainId, confirmations, expiresAt } = event.data;
      const facts = { intentHash, keyId, chainId, confirmations, expiresAt: Date.parse(expiresAt) };
      return state.stage === 'unknown' ? { stage: 'received', facts } : state;
    }
    case 'quorate.tx.authorized.v1':
      return state.stage === 'received'
        ? { stage: 'queued', facts: state.facts, from: event.data.from }
        : state;
    case 'quorate.tx.rejected.v1':
      return state.stage === 'received' && state.facts.intentHash === event.data.intentHash
        ? { stage: 'ended', facts: state.facts, end: 'rejected' }
        : state;
    case 'quorate.tx.nonce-reserved.v1':
      return state.stage === 'queued' ? { ...state, stage: 'reserved', nonce: event.data.nonce } : state;
    case 'quorate.tx.signature-requested.v1':
      return state.stage === 'reserved' || state.stage === 'signing'
        ? { ...state, stage: 'signing', request: event.data }
        : state;
    case 'quorate.tx.signed.v1': {
      if (state.stage !== 'signing') return state;
      const { facts, from, nonce } = state;
      return { stage: 'signed', facts, from, nonce, attempt: event.data.attempt, hash: event.data.hash };
    }
    case 'quorate.tx.broadcast.v1':
      return state.stage === 'signed' ? { ...state, stage: 'broadcast' } : state;
    case 'quorate.tx.included.v1':
      return state.stage === 'broadcast'
        ? { ...state, stage: 'included', block: event.data.block, status: event.data.status }
        : state;
    case 'quorate.tx.reorged.v1': {
      if (state.stage !== 'included') return state;
      const { facts, from, nonce, attempt, hash } = state;
      return { stage: 'broadcast', facts, from, nonce, attempt, hash };
    }
    case 'quorate.tx.confirmed.v1':
      return ended(state, 'confirmed');
    case 'quorate.tx.reverted.v1':
      return ended(state, 'reverted');
    case 'quorate.tx.failed.v1':
      return ended(state, 'failed');
    case 'quorate.tx.priced.v1':
    case 'quorate.tx.signature-failed.v1':
      return state;
  }
}

function ended(state: IntentState, end: 'confirmed' | 'reverted' | 'failed'): IntentState {
  return state.stage === 'unknown' ? state : { stage: 'ended', facts: state.facts, end };
}
