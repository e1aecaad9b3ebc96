/** What an intent's events are, given a command and its state. Pure; a command that comes twice or too late decides nothing. */
import { type IntentCommand } from '../commands';
import { type IntentEvent } from '../events';
import { type IntentState } from '../intent';
import { noteBroadcast, noteHead, noteInclusion, noteReorg, noteSuperseded } from './chain';
import { fill, giveUp, park, reserve } from './queue';
import { amend, authorize, receive, refuse } from './receipt';
import { climb, close, replace, requestCancel } from './replacement';
import { acceptSignature, adoptSignature, askAgain, refuseSignature } from './signing';

/** Decides a command. An empty list means: nothing happens. */
export function decide(command: IntentCommand, state: IntentState): IntentEvent[] {
  switch (command.kind) {
    case 'receive':
      return receive(command, state);
    case 'refuse':
      return refuse(command, state);
    case 'amend':
      return amend(command, state);
    case 'authorize':
      return authorize(command, state);
    case 'reserve':
      return reserve(command, state);
    case 'replace':
      return replace(command, state);
    case 'climb':
      return climb(command, state);
    case 'fill':
      return fill(command, state);
    case 'give-up':
      return giveUp(command, state);
    case 'park':
      return park(command, state);
    case 'request-cancel':
      return requestCancel(command, state);
    case 'close':
      return close(command, state);
    case 'accept-signature':
      return acceptSignature(command, state);
    case 'adopt-signature':
      return adoptSignature(command, state);
    case 'refuse-signature':
      return refuseSignature(command, state);
    case 'ask-again':
      return askAgain(command, state);
    case 'note-broadcast':
      return noteBroadcast(command, state);
    case 'note-inclusion':
      return noteInclusion(command, state);
    case 'note-reorg':
      return noteReorg(command, state);
    case 'note-head':
      return noteHead(command, state);
    case 'note-superseded':
      return noteSuperseded(command, state);
  }
}
