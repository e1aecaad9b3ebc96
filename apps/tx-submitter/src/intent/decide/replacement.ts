/** Other transactions at the same nonce: with higher fees, or to move nothing. */
import { type Climb, type Close, type Replace, type RequestCancel } from '../commands';
import { type IntentEvent } from '../events';
import { type ActiveIntent, type Attempt, awaitsSignature, type IntentState, isForPools } from '../intent';

/**
 * Both fees must be above those of every earlier attempt that may be in a pool, or none takes it for a replacement. What
 * cancels has to outbid only what was sent; rungs that are held are never sent after that.
 */
export function replace(command: Replace, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || !canReplace(state)) return [];
  const { attempt, attemptKind: kind, reason, requestId, digest } = command;
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = command;
  if (attempt !== state.attempts.length || (kind === 'payload') !== (state.ending === undefined)) return [];
  const earlier = state.attempts.filter((one) => isForPools(one) || (kind === 'payload' && !one.dropped));
  if (!earlier.every((one) => isDearer(command, one))) return [];
  const fees = { gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest };
  return [
    { type: 'quorate.tx.priced.v1', data: { attempt, kind, ...fees } },
    { type: 'quorate.tx.replaced.v1', data: { attempt, kind, reason } },
    { type: 'quorate.tx.signature-requested.v1', data: { attempt, try: 0, requestId, digest } },
  ];
}

/** Whether another transaction may be asked for now. */
export function canReplace(state: ActiveIntent): boolean {
  return state.inclusion === undefined && !awaitsSignature(state);
}

/** A rung that is signed needs no signer; one that is not is sent when its signature comes. */
export function climb({ attempt, reason }: Climb, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || !canClimb(state, attempt)) return [];
  return [{ type: 'quorate.tx.replaced.v1', data: { attempt, kind: 'payload', reason } }];
}

/** Whether a held rung may take the place of what was sent so far. */
export function canClimb(state: ActiveIntent, n: number): boolean {
  const rung = state.attempts[n];
  if (rung?.isHeld === undefined || rung.dropped !== undefined) return false;
  if (state.ending !== undefined || state.inclusion !== undefined) return false;
  if (rung.hash === undefined && awaitsSignature(state)) return false;
  return state.attempts.filter(isForPools).every((sent) => isDearer(rung, sent));
}

type FeeFields = Pick<Attempt, 'maxFeePerGas' | 'maxPriorityFeePerGas'>;

function isDearer(one: FeeFields, other: FeeFields): boolean {
  return (
    BigInt(one.maxFeePerGas) > BigInt(other.maxFeePerGas) &&
    BigInt(one.maxPriorityFeePerGas) > BigInt(other.maxPriorityFeePerGas)
  );
}

/** At once while it has no nonce; afterwards a cancelling transaction must use its nonce up. */
export function requestCancel({ by }: RequestCancel, state: IntentState): IntentEvent[] {
  switch (state.stage) {
    case 'received':
    case 'queued':
      return [{ type: 'quorate.tx.cancelled.v1', data: { by } }];
    case 'active':
      if (state.ending !== undefined || state.inclusion !== undefined) return [];
      return [{ type: 'quorate.tx.cancel-requested.v1', data: { ending: { kind: 'cancelled', by } } }];
    default:
      return [];
  }
}

/** The client is told that it failed once a cancelling transaction made that certain. */
export function close({ code, reason }: Close, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.ending !== undefined || state.inclusion !== undefined) return [];
  return [{ type: 'quorate.tx.cancel-requested.v1', data: { ending: { kind: 'failed', code, reason } } }];
}
