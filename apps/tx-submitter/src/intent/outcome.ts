/** What an intent's client is told: records of tx.outcomes. */
import { type OutcomeName, type TxOutcomeInput } from '@quorate/protocol';

import { type IntentEvent, type IntentIdentity } from './events';
import { type IntentState, statusOf } from './intent';

/** An outcome without the id and time that its record gets. */
export type Outcome = Omit<TxOutcomeInput, 'id' | 'at'>;

/** The outcome that an event means, if any; `before` is the state that it meets. */
export function outcomeOf(
  identity: IntentIdentity,
  event: IntentEvent,
  before: IntentState,
): Outcome | undefined {
  if (event.type === 'quorate.tx.rejected.v1') return rejection(identity, event.data);
  if (before.stage === 'unknown' || before.facts.isFiller === true) return undefined;
  const { intentHash, chainId } = before.facts;
  const common = {
    requester: identity.requester,
    intentId: identity.intentId,
    intentHash,
    chainId,
    from: 'from' in before ? before.from : undefined,
    nonce: 'nonce' in before ? before.nonce : undefined,
  };
  switch (event.type) {
    case 'quorate.tx.authorized.v1':
      return { type: type('accepted'), ...common, from: event.data.from, status: 'queued' };
    case 'quorate.tx.amended.v1':
      return {
        ...{ type: type('accepted'), ...common, intentHash: event.data.amendmentHash },
        status: before.stage === 'active' ? statusOf(before) : 'queued',
      };
    case 'quorate.tx.broadcast.v1':
      return { type: type('broadcast'), ...common, hash: event.data.hash, status: 'broadcast' };
    case 'quorate.tx.reorged.v1': {
      if (before.stage !== 'active' || before.inclusion?.isConfirmed !== true) return undefined;
      const { hash, block } = event.data;
      const reason = `block ${block.number} left the chain with it: it is sent again`;
      return { type: type('broadcast'), ...common, hash, status: 'broadcast', code: 'reorged', reason };
    }
    case 'quorate.tx.confirmed.v1':
      return { type: type('confirmed'), ...common, ...where(event.data), status: 'confirmed' };
    case 'quorate.tx.reverted.v1': {
      const { reason } = event.data;
      const why = reason === undefined ? {} : { reason };
      return { type: type('reverted'), ...common, ...where(event.data), status: 'reverted', ...why };
    }
    case 'quorate.tx.cancelled.v1': {
      const reason = `cancelled by ${event.data.by}`;
      return { type: type('cancelled'), ...common, ...where(event.data), status: 'cancelled', reason };
    }
    case 'quorate.tx.finalized.v1':
      return isPaid(before, event.data.status)
        ? { type: type('finalized'), ...common, ...where(event.data), status: 'finalized' }
        : undefined;
    case 'quorate.tx.superseded.v1': {
      const { reason } = event.data;
      return { type: type('superseded'), ...common, status: 'superseded', code: 'nonce-used', reason };
    }
    case 'quorate.tx.parked.v1':
      return { type: type('parked'), ...common, status: 'parked', ...event.data };
    case 'quorate.tx.failed.v1': {
      const { code, reason, rule } = event.data;
      // A nonce that went back to its lane is not this intent's any more.
      const told =
        event.data.hash === undefined ? { ...common, nonce: undefined } : { ...common, ...where(event.data) };
      const details = rule === undefined ? {} : { details: { rule } };
      return { type: type('failed'), ...told, status: 'failed', code, reason, ...details };
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

/** Whether what became final did what the intent asked for. */
function isPaid(before: IntentState, status: 'success' | 'reverted'): boolean {
  if (before.stage !== 'active' || before.inclusion === undefined) return false;
  return status === 'success' && before.attempts[before.inclusion.attempt]?.kind === 'payload';
}

function where({ hash, block }: { hash?: string | undefined; block?: Outcome['block'] }): Partial<Outcome> {
  return { ...(hash !== undefined && { hash }), ...(block !== undefined && { block }) };
}

function type(name: OutcomeName): Outcome['type'] {
  return `quorate.tx.${name}.v1`;
}
