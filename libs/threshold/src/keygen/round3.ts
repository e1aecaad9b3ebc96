/** Round 3: only after every opening verified, deal the shares, open the chain code, answer the base OTs. */
import { type Step } from '../dealing/ceremony';
import { convictUnless, type DealingContext, type PublicDealings } from '../dealing/context';
import { answerPairs, type PairAnswers } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { encryptShares } from '../dealing/shares';
import { ProtocolFailure } from '../errors';
import { type RoundMessages } from '../session/session';
import { verifyKnowledge } from '../sharing/proof-of-knowledge';
import { encodeDealing, type Opening, parseOpening } from './messages';
import { type Committed } from './round2';
import { openingCommitment, openingsDigest } from './transcript';

/** What is known after round 2. */
export interface Opened extends Committed {
  /** D2 */
  readonly transcript: Buffer;
  readonly openings: ReadonlyMap<number, Opening>;
  readonly complaintKeys: PublicDealings['complaintKeys'];
  readonly answers: PairAnswers;
}

/**
 * @throws ProtocolFailure AGREE `keygen.r2.ssid`; IDENT `keygen.r2.point`, `.com`, `.pok`; IDENT-P `.base-ot`
 */
export function dealShares(
  context: DealingContext,
  committed: Committed,
  messages: RoundMessages,
): Step<Opened> {
  const { participants } = context;
  const { ssid, pairSetup } = committed;
  const payloadsOfAll = mapParties(participants, (party) => messages.broadcast(party));
  for (const payload of payloadsOfAll.values()) {
    // ssid is the first field; a party with another view has a valid proof for that view only
    if (!payload.subarray(0, ssid.length).equals(ssid)) throw new ProtocolFailure('AGREE', 'keygen.r2.ssid');
  }
  const openings = mapParties(participants, (party) =>
    verifiedOpening(context, committed, party, entryOf(payloadsOfAll, party)),
  );
  const transcript = openingsDigest(ssid, payloadsOfAll);
  const answers = answerPairs(pairSetup, (peer) => messages.direct(peer));
  const complaintKeys = mapParties(participants, (party) => entryOf(committed.round1, party).complaintKeys);
  const shares = encryptShares(context, { ssid, complaintKeys }, committed.polynomial);
  const broadcast = encodeDealing({ transcript, ...committed, shares });
  const p2p = mapParties(pairSetup.peers, (peer) => entryOf(answers, peer).message);
  const opened = { ...committed, transcript, openings, complaintKeys, answers };
  return { state: opened, payloads: { broadcast, p2p } };
}

function verifiedOpening(
  { group, sid, threshold }: DealingContext,
  { ssid, round1 }: Committed,
  party: number,
  payload: Buffer,
): Opening {
  const opening = parseOpening(group, payload, threshold);
  convictUnless(opening !== undefined, 'keygen.r2.point', party);
  const { nonce, commitment } = entryOf(round1, party);
  const opens = openingCommitment(sid, party, nonce, opening).equals(commitment);
  convictUnless(opens, 'keygen.r2.com', party);
  const known = verifyKnowledge(group, ssid, party, opening.commitments[0], opening.proof);
  convictUnless(known, 'keygen.r2.pok', party);
  return opening;
}
