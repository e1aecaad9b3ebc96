/** What the chain and its nodes say about an intent's transactions. */
import {
  type NoteBroadcast,
  type NoteHead,
  type NoteInclusion,
  type NoteReorg,
  type NoteSuperseded,
} from '../commands';
import { type IntentEvent } from '../events';
import { type ActiveIntent, type Inclusion, type IntentState } from '../intent';

export function noteBroadcast({ hash }: NoteBroadcast, state: IntentState): IntentEvent[] {
  return state.stage === 'active' ? broadcast(state, hash) : [];
}

/** Whichever of its attempts the chain took: the others can never be executed while that one stays. */
export function noteInclusion(command: NoteInclusion, state: IntentState): IntentEvent[] {
  const { hash, block, status, gasUsed, effectiveGasPrice, reason } = command;
  if (state.stage !== 'active' || !state.attempts.some((attempt) => attempt.hash === hash)) return [];
  const { inclusion } = state;
  if (inclusion?.hash === hash && inclusion.block.hash === block.hash) return [];
  return [
    ...(inclusion === undefined ? [] : [reorged(inclusion)]),
    ...broadcast(state, hash),
    {
      type: 'quorate.tx.included.v1',
      data: { hash, block, status, gasUsed, effectiveGasPrice, ...(reason !== undefined && { reason }) },
    },
  ];
}

export function noteReorg({ blockHash }: NoteReorg, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.inclusion?.block.hash !== blockHash) return [];
  return [reorged(state.inclusion)];
}

/** Confirmed when deep enough for its client, over when deep enough for everybody. */
export function noteHead(
  { blockHash, headNumber, finalizedNumber }: NoteHead,
  state: IntentState,
): IntentEvent[] {
  if (state.stage !== 'active' || state.inclusion?.block.hash !== blockHash) return [];
  const { inclusion } = state;
  const { hash, block, status } = inclusion;
  const confirmations = headNumber - Number(block.number) + 1;
  const isDeep = inclusion.isConfirmed || confirmations >= state.facts.confirmations;
  if (!isDeep) return [];
  return [
    ...(inclusion.isConfirmed ? [] : [confirmed(state, inclusion, confirmations)]),
    ...(Number(block.number) <= finalizedNumber
      ? [{ type: 'quorate.tx.finalized.v1' as const, data: { hash, block, status } }]
      : []),
  ];
}

/** Not while a signature is awaited: it may be of the transaction that used the nonce. */
export function noteSuperseded({ reason }: NoteSuperseded, state: IntentState): IntentEvent[] {
  if (state.stage !== 'active' || state.inclusion !== undefined || state.requests.length > 0) return [];
  const { nonce, mayBeSigned } = state;
  const doubt = mayBeSigned ? '; an earlier request may have been signed' : '';
  return [{ type: 'quorate.tx.superseded.v1', data: { nonce, reason: `${reason}${doubt}` } }];
}

function confirmed(
  { attempts, ending }: ActiveIntent,
  inclusion: Inclusion,
  confirmations: number,
): IntentEvent {
  const { attempt, hash, block, status } = inclusion;
  const where = { hash, block, confirmations };
  if (attempts[attempt]?.kind === 'cancel') {
    if (ending?.kind !== 'failed')
      return { type: 'quorate.tx.cancelled.v1', data: { by: ending?.by ?? 'unknown', ...where } };
    const { code, reason, rule } = ending;
    const failure = { code, reason, ...(rule !== undefined && { rule }) };
    return { type: 'quorate.tx.failed.v1', data: { ...failure, ...where } };
  }
  if (status === 'success') return { type: 'quorate.tx.confirmed.v1', data: where };
  const why = inclusion.reason === undefined ? {} : { reason: inclusion.reason };
  return { type: 'quorate.tx.reverted.v1', data: { ...where, ...why } };
}

/** Once for each attempt. */
function broadcast({ attempts }: ActiveIntent, hash: string): IntentEvent[] {
  const attempt = attempts.findIndex((one) => one.hash === hash && one.isTaken === undefined);
  return attempt < 0 ? [] : [{ type: 'quorate.tx.broadcast.v1', data: { attempt, hash } }];
}

function reorged({ hash, block }: Inclusion): IntentEvent {
  return { type: 'quorate.tx.reorged.v1', data: { hash, block } };
}
