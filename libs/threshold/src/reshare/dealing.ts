/** Reshare as a dealing: O deals its shares of the old epoch to N (specification section 13). */
import { type Dealing } from '../dealing/ceremony';
import { type ReshareContext } from './context';
import { exchangeKeyOffset, reshareRounds } from './messages';
import { type PendingReshare, type Reshared } from './pending-reshare';
import { type Chosen, commitToShare } from './round1';
import { type Committed, openDealing } from './round2';
import { dealShares, type Opened } from './round3';
import { confirmEpoch } from './round4';

export function reshareDealing(
  context: ReshareContext,
): Dealing<Chosen, Committed, Opened, Reshared, PendingReshare> {
  return {
    context,
    rounds: (sender) => reshareRounds(context, sender, context.index),
    exchangeKeyOffset: (sender) => exchangeKeyOffset(context, sender),
    commit: (exchangeKey) => commitToShare(context, exchangeKey),
    open: (chosen, messages) => openDealing(context, chosen, messages),
    deal: (committed, messages) => dealShares(context, committed, messages),
    confirm: (opened, messages) => confirmEpoch(context, opened, messages),
  };
}
