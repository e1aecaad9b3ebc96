/** Key generation as a dealing: everyone deals to everyone (specification section 3). */
import { type Certificate } from '../certificate/certificate';
import { type Dealing } from '../dealing/ceremony';
import { type KeygenContext } from './context';
import { keygenRounds, NONCE_BYTES } from './messages';
import { type Chosen, commitToPolynomial } from './round1';
import { type Committed, openCommitment } from './round2';
import { dealShares, type Opened } from './round3';
import { confirmKey } from './round4';

export function keygenDealing<P>(
  context: KeygenContext<P>,
): Dealing<Chosen, Committed, Opened, P & { readonly certificate: Certificate }, P> {
  return {
    context,
    rounds: (sender) => keygenRounds(context, sender),
    exchangeKeyOffset: () => NONCE_BYTES,
    commit: (exchangeKey) => commitToPolynomial(context, exchangeKey),
    open: (chosen, messages) => openCommitment(context, chosen, messages),
    deal: (committed, messages) => dealShares(context, committed, messages),
    confirm: (opened, messages) => confirmKey(context, opened, messages),
  };
}
