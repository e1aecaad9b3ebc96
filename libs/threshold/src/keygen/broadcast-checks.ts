/** What the broadcasts of one party of key generation must fulfil, whoever looks at them: a party's session, or a judge. */
import { convictUnless, type DealingRoles } from '../dealing/context';
import { hasSmallOrder } from '../session/p2p-encryption';
import { verifyKnowledge } from '../sharing/proof-of-knowledge';
import {
  type Commitment,
  type Dealing,
  type Opening,
  parseCommitment,
  parseDealing,
  parseOpening,
} from './messages';
import { chainCommitment, openingCommitment } from './transcript';

/** @throws ProtocolFailure IDENT `keygen.r1.point` */
export function checkedCommitment(roles: DealingRoles, party: number, payload: Buffer): Commitment {
  const commitment = parseCommitment(roles, payload, party);
  convictUnless(commitment !== undefined, 'keygen.r1.point', party);
  return commitment;
}

/**
 * The proof of knowledge is for the ssid in the message: of a party that saw another round 1 it holds there.
 *
 * @throws ProtocolFailure IDENT `keygen.r2.point`, `.com`, `.pok`
 */
export function checkedOpening(
  { group, sid, threshold }: DealingRoles,
  party: number,
  { nonce, commitment }: Commitment,
  payload: Buffer,
): Opening {
  const opening = parseOpening(group, payload, threshold);
  convictUnless(opening !== undefined, 'keygen.r2.point', party);
  const opens = openingCommitment(sid, party, nonce, opening).equals(commitment);
  convictUnless(opens, 'keygen.r2.com', party);
  const { ssid, commitments, proof } = opening;
  convictUnless(verifyKnowledge(group, ssid, party, commitments[0], proof), 'keygen.r2.pok', party);
  return opening;
}

/** @throws ProtocolFailure IDENT `keygen.r3.point`, `.chain-code` */
export function checkedDealing(
  { group, sid, receivers }: DealingRoles,
  party: number,
  opening: Opening,
  payload: Buffer,
): Dealing {
  const others = receivers.filter((receiver) => receiver !== party);
  const dealing = parseDealing(group, payload, others);
  convictUnless(dealing !== undefined, 'keygen.r3.point', party);
  const { chainContribution, chainSalt } = dealing;
  const opens = chainCommitment(sid, party, chainContribution, chainSalt).equals(opening.chainCommitment);
  convictUnless(opens, 'keygen.r3.chain-code', party);
  return dealing;
}

/**
 * All of these, and what every session checks, as far as the messages are there.
 *
 * @throws ProtocolFailure IDENT, as each of them; `session.xk`
 */
export function checkKeygenBroadcasts(
  roles: DealingRoles,
  party: number,
  [round1, round2, round3]: readonly (Buffer | undefined)[],
): void {
  const commitment = round1 && checkedCommitment(roles, party, round1);
  convictUnless(!commitment || !hasSmallOrder(commitment.exchangeKey), 'session.xk', party);
  const opening = commitment && round2 && checkedOpening(roles, party, commitment, round2);
  if (opening && round3) checkedDealing(roles, party, opening, round3);
}
