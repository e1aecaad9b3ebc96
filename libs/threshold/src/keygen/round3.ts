/** Round 3: only after every opening verified, deal the shares, open the chain code, answer the base OTs. */
import { type Step } from '../dealing/ceremony';
import { type DealingContext, type PublicDealings } from '../dealing/context';
import { answerPairs, type PairAnswers } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { encryptShares } from '../dealing/shares';
import { ProtocolFailure } from '../errors';
import { type RoundMessages } from '../session/session';
import { checkedOpening } from './broadcast-checks';
import { encodeDealing, type Opening } from './messages';
import { type Committed } from './round2';
import { openingsDigest } from './transcript';

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
    checkedOpening(context, party, entryOf(committed.round1, party), entryOf(payloadsOfAll, party)),
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
