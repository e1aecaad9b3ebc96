/** Round 3: only after every opening verified, members of O send their shares and members of N answer the base OTs. */
import { type Step } from '../dealing/ceremony';
import { convictUnless, type PublicDealings } from '../dealing/context';
import { encodeShares } from '../dealing/encoding';
import { answerPairs, type PairAnswers } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { encryptShares } from '../dealing/shares';
import { ProtocolFailure } from '../errors';
import { type RoundMessages } from '../session/session';
import { type Commitments, lagrangeCoefficient } from '../sharing/polynomial';
import { checkedOpening } from './broadcast-checks';
import { type ReshareContext } from './context';
import { type Committed } from './round2';
import { round2Digest } from './transcript';

/** What is known after round 2. */
export interface Opened extends Committed {
  /** D2 */
  readonly transcript: Buffer;
  /** Phi_i by member of O. */
  readonly openings: PublicDealings['commitments'];
  readonly answers: PairAnswers;
}

/**
 * @throws ProtocolFailure AGREE `reshare.r2.ssid`; IDENT `reshare.r2.point`, `.com`, `.constant`; IDENT-P `.base-ot`
 */
export function dealShares(
  context: ReshareContext,
  committed: Committed,
  messages: RoundMessages,
): Step<Opened> {
  const { participants, dealers } = context;
  const { ssid, dealt, pairSetup } = committed;
  const payloadsOfAll = mapParties(participants, (party) => messages.broadcast(party));
  for (const payload of payloadsOfAll.values()) {
    if (!payload.subarray(0, ssid.length).equals(ssid)) throw new ProtocolFailure('AGREE', 'reshare.r2.ssid');
  }
  const openings = mapParties(dealers, (dealer) =>
    verifiedOpening(context, committed, dealer, entryOf(payloadsOfAll, dealer)),
  );
  const transcript = round2Digest(ssid, payloadsOfAll);
  const answers = answerPairs(pairSetup, (peer) => messages.direct(peer));
  const shares = dealt ? encryptShares(context, committed, dealt.polynomial) : new Map<number, never>();
  const broadcast = Buffer.concat([transcript, ...encodeShares(shares)]);
  const p2p = mapParties(pairSetup.peers, (peer) => entryOf(answers, peer).message);
  return { state: { ...committed, transcript, openings, answers }, payloads: { broadcast, p2p } };
}

/** The public shares of the old epoch say which constant a dealer must have: who deals another key is convicted. */
function verifiedOpening(
  context: ReshareContext,
  { commitments }: Committed,
  dealer: number,
  payload: Buffer,
): Commitments {
  const { group, dealers, previous } = context;
  const opening = checkedOpening(context, dealer, entryOf(commitments, dealer), payload);
  const lambda = lagrangeCoefficient(group, dealers, dealer);
  const constant = group.multiplyPublic(entryOf(previous.publicShares, dealer), lambda);
  convictUnless(opening.commitments[0].equals(constant), 'reshare.r2.constant', dealer);
  return opening.commitments;
}
