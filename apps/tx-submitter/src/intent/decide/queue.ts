/** What happens to an intent until it has a nonce. */
import { type Fill, type GiveUp, type Park, type PricedAttempt, type Reserve } from '../commands';
import { type IntentEvent } from '../events';
import { type IntentState } from '../intent';

export function reserve(command: Reserve, state: IntentState): IntentEvent[] {
  if (state.stage !== 'queued') return [];
  const { nonce, rungs = [] } = command;
  return [
    { type: 'quorate.tx.nonce-reserved.v1', data: { chainId: state.facts.chainId, from: state.from, nonce } },
    ...[command, ...rungs].flatMap(askedFor),
  ];
}

/** The first is sent when it is signed, the others are held. */
function askedFor(priced: PricedAttempt, attempt: number): IntentEvent[] {
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest, requestId } = priced;
  const fees = { gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest };
  const held = attempt > 0 && { isHeld: true as const };
  return [
    { type: 'quorate.tx.priced.v1', data: { attempt, kind: 'payload', ...held, ...fees } },
    { type: 'quorate.tx.signature-requested.v1', data: { attempt, try: 0, requestId, digest } },
  ];
}

export function fill({ keyId, chainId, from, nonce, instead }: Fill, state: IntentState): IntentEvent[] {
  if (state.stage !== 'unknown') return [];
  return [{ type: 'quorate.tx.filler-created.v1', data: { keyId, chainId, from, nonce, instead } }];
}

export function giveUp({ code, reason }: GiveUp, state: IntentState): IntentEvent[] {
  if (state.stage !== 'queued') return [];
  return [{ type: 'quorate.tx.failed.v1', data: { code, reason } }];
}

/** Said once for each reason; what goes on later is unparked by that. */
export function park({ code, reason }: Park, state: IntentState): IntentEvent[] {
  if ((state.stage !== 'queued' && state.stage !== 'active') || state.parked === code) return [];
  if (state.stage === 'active' && state.inclusion !== undefined) return [];
  return [{ type: 'quorate.tx.parked.v1', data: { code, reason } }];
}
