/** What an intent's events are, given a command and its state. Pure; a command that comes twice or too late decides nothing. */
import {
  type AcceptSignature,
  type AskAgain,
  type Authorize,
  type IntentCommand,
  type NoteDepth,
  type NoteInclusion,
  type Receive,
  type RefuseSignature,
  type Reserve,
} from './commands';
import { type IntentEvent } from './events';
import { type IntentState } from './intent';
import { afterRefusal } from './signature-refusal';

/** Decides a command. An empty list means: nothing happens. */
export function decide(command: IntentCommand, state: IntentState): IntentEvent[] {
  switch (command.kind) {
    case 'receive':
      return receive(command, state);
    case 'refuse': {
      const { intentHash, code, reason } = command;
      if (state.stage !== 'unknown' && state.facts.intentHash === intentHash) return [];
      return [{ type: 'quorate.tx.rejected.v1', data: { intentHash, code, reason } }];
    }
    case 'authorize':
      return authorize(command, state);
    case 'reserve':
      return reserve(command, state);
    case 'give-up':
      if (state.stage !== 'queued') return [];
      return [{ type: 'quorate.tx.failed.v1', data: { code: command.code, reason: command.reason } }];
    case 'accept-signature':
      return acceptSignature(command, state);
    case 'refuse-signature':
      return refuseSignature(command, state);
    case 'ask-again':
      return askAgain(command, state);
    case 'note-broadcast':
      if (state.stage !== 'signed' || state.hash !== command.hash) return [];
      return [broadcast(state.attempt, state.hash)];
    case 'note-inclusion':
      return noteInclusion(command, state);
    case 'note-reorg':
      if (state.stage !== 'included' || state.block.hash !== command.blockHash) return [];
      return [{ type: 'quorate.tx.reorged.v1', data: { hash: state.hash, block: state.block } }];
    case 'note-depth':
      return noteDepth(command, state);
  }
}

function receive(
  { intentHash, value, jws, approvals, terms, now, servedChainId }: Receive,
  state: IntentState,
): IntentEvent[] {
  if (state.stage !== 'unknown') {
    if (state.facts.intentHash === intentHash) return [];
    const reason = 'another intent has this requester and intentId: choose a new intentId';
    return [{ type: 'quorate.tx.rejected.v1', data: { intentHash, code: 'conflict', reason } }];
  }
  const requested: IntentEvent = {
    type: 'quorate.tx.requested.v1',
    data: { intentHash, value, jws, approvals, ...terms },
  };
  const rejected = (code: 'expired' | 'invalid', reason: string): IntentEvent[] => [
    requested,
    { type: 'quorate.tx.rejected.v1', data: { intentHash, code, reason } },
  ];
  if (Date.parse(terms.expiresAt) <= now)
    return rejected('expired', `expiresAt ${terms.expiresAt} has passed`);
  if (terms.chainId !== servedChainId) {
    return rejected(
      'invalid',
      `chainId ${terms.chainId} is not served here: this submitter serves ${servedChainId}`,
    );
  }
  return [requested];
}

function authorize({ key }: Authorize, state: IntentState): IntentEvent[] {
  if (state.stage !== 'received') return [];
  if (key.found) return [{ type: 'quorate.tx.authorized.v1', data: { from: key.from } }];
  const { intentHash } = state.facts;
  return [{ type: 'quorate.tx.rejected.v1', data: { intentHash, code: key.code, reason: key.reason } }];
}

function reserve(command: Reserve, state: IntentState): IntentEvent[] {
  if (state.stage !== 'queued') return [];
  const { nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest, requestId } = command;
  const attempt = 0;
  return [
    { type: 'quorate.tx.nonce-reserved.v1', data: { chainId: state.facts.chainId, from: state.from, nonce } },
    { type: 'quorate.tx.priced.v1', data: { attempt, gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest } },
    { type: 'quorate.tx.signature-requested.v1', data: { attempt, try: 0, requestId, digest } },
  ];
}

function acceptSignature({ requestId, hash }: AcceptSignature, state: IntentState): IntentEvent[] {
  if (state.stage !== 'signing' || state.request.requestId !== requestId) return [];
  return [{ type: 'quorate.tx.signed.v1', data: { attempt: state.request.attempt, requestId, hash } }];
}

function refuseSignature(command: RefuseSignature, state: IntentState): IntentEvent[] {
  if (state.stage !== 'signing' || state.request.requestId !== command.requestId) return [];
  const { requestId, code, reason, mayBeSigned, rule } = command;
  const failed: IntentEvent = {
    type: 'quorate.tx.signature-failed.v1',
    data: { requestId, code, reason, mayBeSigned },
  };
  const next = afterRefusal({ ...command, try: state.request.try }, state.facts.expiresAt);
  if (next.kind === 'ask-again') return [failed];
  const data = { code: next.code, reason, nonce: state.nonce, ...(rule === undefined ? {} : { rule }) };
  return [failed, { type: 'quorate.tx.failed.v1', data }];
}

function askAgain(command: AskAgain, state: IntentState): IntentEvent[] {
  if (state.stage !== 'signing' || state.request.try !== command.try - 1) return [];
  const { attempt, digest } = state.request;
  const data = { attempt, try: command.try, requestId: command.requestId, digest };
  return [{ type: 'quorate.tx.signature-requested.v1', data }];
}

function noteInclusion(command: NoteInclusion, state: IntentState): IntentEvent[] {
  const { hash, block, status, gasUsed, effectiveGasPrice } = command;
  const included: IntentEvent = {
    type: 'quorate.tx.included.v1',
    data: { hash, block, status, gasUsed, effectiveGasPrice },
  };
  if (state.stage === 'signed' && state.hash === hash) return [broadcast(state.attempt, hash), included];
  if (state.stage === 'broadcast' && state.hash === hash) return [included];
  if (state.stage !== 'included' || state.hash !== hash || state.block.hash === block.hash) return [];
  return [{ type: 'quorate.tx.reorged.v1', data: { hash, block: state.block } }, included];
}

function noteDepth({ blockHash, headNumber }: NoteDepth, state: IntentState): IntentEvent[] {
  if (state.stage !== 'included' || state.block.hash !== blockHash) return [];
  const confirmations = headNumber - Number(state.block.number) + 1;
  if (confirmations < state.facts.confirmations) return [];
  const type = state.status === 'success' ? 'quorate.tx.confirmed.v1' : 'quorate.tx.reverted.v1';
  return [{ type, data: { hash: state.hash, block: state.block, confirmations } }];
}

function broadcast(attempt: number, hash: string): IntentEvent {
  return { type: 'quorate.tx.broadcast.v1', data: { attempt, hash } };
}
