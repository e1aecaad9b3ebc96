/** What an intent's events say to its client: the records of tx.outcomes. */
import { type OutcomeName, type TxOutcomeInput } from '@quorate/protocol';

import { type IntentEvent, type IntentIdentity } from './events';
import { type IntentState } from './intent';

/** An outcome without the id and time that its record gets. */
export type Outcome = Omit<TxOutcomeInput, 'id' | 'at'>;

/** The outcome that an event means, if any; `before` is the state that it meets. */
export function outcomeOf(
  identity: IntentIdentity,
  event: IntentEvent,
  before: IntentState,
): Outcome | undefined {
  if (event.type === 'quorate.tx.rejected.v1') return rejection(identity, event.data);
  if (before.stage === 'unknown') return undefined;
  const { intentHash, chainId } = before.facts;
  const common = { ...identity, intentHash, chainId };
  const lane = 'from' in before ? { from: before.from } : {};
  const nonce = 'nonce' in before ? { nonce: before.nonce } : {};
  switch (event.type) {
    case 'quorate.tx.authorized.v1':
      return { type: type('accepted'), ...common, from: event.data.from, status: 'queued' };
    case 'quorate.tx.broadcast.v1':
      return {
        type: type('broadcast'),
        ...common,
        ...lane,
        ...nonce,
        hash: event.data.hash,
        status: 'broadcast',
      };
    case 'quorate.tx.confirmed.v1':
    case 'quorate.tx.reverted.v1': {
      const name = event.type === 'quorate.tx.confirmed.v1' ? 'confirmed' : 'reverted';
      const { hash, block } = event.data;
      return { type: type(name), ...common, ...lane, ...nonce, hash, block, status: name };
    }
    case 'quorate.tx.failed.v1': {
      const { code, reason, rule } = event.data;
      const details = rule === undefined ? {} : { details: { rule } };
      return { type: type('failed'), ...common, ...lane, status: 'failed', code, reason, ...details };
    }
    default:
      return undefined;
  }
}

/** The answer to bytes that are refused, whatever became of the identity they name. */
export function rejection(
  identity: IntentIdentity,
  refused: { intentHash: string; code: string; reason: string },
): Outcome {
  return { type: type('rejected'), ...identity, ...refused, status: 'rejected' };
}

function type(name: OutcomeName): Outcome['type'] {
  return `quorate.tx.${name}.v1`;
}
