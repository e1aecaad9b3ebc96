/** Other transactions at the same nonce: with higher fees, or to move nothing. */
import { type Close, type Replace, type RequestCancel } from '../commands';
import { type IntentEvent } from '../events';
import { type ActiveIntent, type IntentState } from '../intent';

/** Both fees must be above those of every earlier attempt that may be in a pool, or none takes it for a replacement. */
export function replace(command: Replace, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || !canReplace(state)) return [];
  const { attempt, attemptKind: kind, reason, requestId, digest } = command;
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = command;
  if (attempt !== state.attempts.length || (kind === 'payload') !== (state.ending === undefined)) return [];
  const isHigher = state.attempts.every(
    (earlier) =>
      earlier.isDropped === true ||
      (BigInt(maxFeePerGas) > BigInt(earlier.maxFeePerGas) &&
        BigInt(maxPriorityFeePerGas) > BigInt(earlier.maxPriorityFeePerGas)),
  );
  if (!isHigher) return [];
  const fees = { gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest };
  return [
    { type: 'quorate.tx.priced.v1', data: { attempt, kind, ...fees } },
    { type: 'quorate.tx.replaced.v1', data: { attempt, kind, reason } },
    { type: 'quorate.tx.signature-requested.v1', data: { attempt, try: 0, requestId, digest } },
  ];
}

/** Whether another transaction may be asked for now. */
export function canReplace({ request, inclusion }: ActiveIntent): boolean {
  return request === undefined && inclusion === undefined;
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
