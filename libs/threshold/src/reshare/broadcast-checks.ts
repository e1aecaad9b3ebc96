/** What the broadcasts of one participant of a reshare must fulfil, whoever looks at them: a party's session, or a judge. */
import { convictUnless, type DealingRoles } from '../dealing/context';
import { hasSmallOrder } from '../session/p2p-encryption';
import { type EncryptedShare } from '../sharing/complaint';
import {
  commitmentIn,
  type Greeting,
  type Opening,
  parseGreeting,
  parseOpening,
  parseShares,
} from './messages';
import { dealerCommitment } from './transcript';

/** @throws ProtocolFailure IDENT `reshare.r1.point` */
export function checkedGreeting(roles: DealingRoles, party: number, payload: Buffer): Greeting {
  const greeting = parseGreeting(roles, payload, party);
  convictUnless(greeting !== undefined, 'reshare.r1.point', party);
  return greeting;
}

/** @throws ProtocolFailure IDENT `reshare.r2.point`, `.com` */
export function checkedOpening(
  roles: DealingRoles,
  dealer: number,
  commitment: Buffer,
  payload: Buffer,
): Opening {
  const opening = parseOpening(roles, payload);
  convictUnless(opening !== undefined, 'reshare.r2.point', dealer);
  const opens = dealerCommitment(roles.sid, dealer, opening).equals(commitment);
  convictUnless(opens, 'reshare.r2.com', dealer);
  return opening;
}

/** @throws ProtocolFailure IDENT `reshare.r3.point` */
export function checkedShares(
  roles: DealingRoles,
  dealer: number,
  payload: Buffer,
): ReadonlyMap<number, EncryptedShare> {
  const shares = parseShares(roles, payload, dealer);
  convictUnless(shares !== undefined, 'reshare.r3.point', dealer);
  return shares;
}

/**
 * All of these, and what every session checks, as far as the messages are there. That the first commitment is
 * lambda_i(O) * P_i is for who knows the certificate of the old epoch.
 *
 * @throws ProtocolFailure IDENT, as each of them; `session.xk`
 */
export function checkReshareBroadcasts(
  roles: DealingRoles,
  party: number,
  [round1, round2, round3]: readonly (Buffer | undefined)[],
): void {
  const greeting = round1 && roles.receivers.includes(party) && checkedGreeting(roles, party, round1);
  convictUnless(!greeting || !hasSmallOrder(greeting.exchangeKey), 'session.xk', party);
  if (!roles.dealers.includes(party)) return;
  if (round1 && round2) checkedOpening(roles, party, commitmentIn(round1), round2);
  if (round3) checkedShares(roles, party, round3);
}
