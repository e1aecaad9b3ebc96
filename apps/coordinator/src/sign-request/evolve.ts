import { type Refusal, type SignRequestEvent } from './events';
import { type SignRequest } from './sign-request';

export const initialSignRequest: SignRequest = { status: 'none' };

/** The state after one more event. Pure. Outcomes of other bytes under the same identity leave it untouched. */
export function evolve(state: SignRequest, event: SignRequestEvent): SignRequest {
  switch (event.type) {
    case 'quorate.sign.requested.v1':
      return { status: 'open', request: event.data, attempts: [], givenUp: 0, refusals: [], missing: [] };
    case 'quorate.sign.committee-chosen.v1':
      return state.status === 'open' ? { ...state, attempts: [...state.attempts, event.data] } : state;
    case 'quorate.sign.retried.v1':
      if (state.status !== 'open') return state;
      return {
        ...state,
        givenUp: event.data.attempt,
        refusals: mergeRefusals(state.refusals, event.data.refusals),
        missing: [
          ...new Set([
            ...state.missing,
            ...event.data.missing,
            ...(event.data.accused ? [event.data.accused] : []),
          ]),
        ],
      };
    case 'quorate.sign.completed.v1':
    case 'quorate.sign.rejected.v1':
      return state.status === 'open' && state.request.requestHash === event.data.requestHash
        ? { status: 'closed', requestHash: event.data.requestHash, intentId: state.request.intentId }
        : state;
    case 'quorate.sign.partial-received.v1':
      return state;
  }
}

/** The newest refusal of each node. */
export function mergeRefusals(known: readonly Refusal[], more: readonly Refusal[]): Refusal[] {
  return [...new Map([...known, ...more].map((refusal) => [refusal.node, refusal])).values()];
}
