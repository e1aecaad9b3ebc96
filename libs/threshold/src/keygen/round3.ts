/** Round 3: only after every opening verified, deal the shares, open the chain code, answer the base OTs. */
import { answerBaseOt, baseOtSid } from '../multiplication/base-ot';
import { encryptShare } from '../sharing/complaint';
import { ProtocolFailure } from '../errors';
import { evaluate } from '../sharing/polynomial';
import { verifyKnowledge } from '../sharing/proof-of-knowledge';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { convictUnless, entryOf, type KeygenContext, mapParties } from './context';
import { encodeDealing, type Opening, parseOpening } from './messages';
import { type Committed, FIRST_PAIR_COUNTER } from './round2';
import { openingCommitment, openingsDigest } from './transcript';

/** What is known after round 2. */
export interface Opened extends Committed {
  /** D2 */
  readonly transcript: Buffer;
  readonly openings: ReadonlyMap<number, Opening>;
  /** Seeds of the instances (j->i) by peer j; secret. */
  readonly receiverSeeds: ReadonlyMap<number, { readonly seeds0: Buffer; readonly seeds1: Buffer }>;
  /** Own contributions to the zero seeds by peer; secret. */
  readonly zeroContributions: ReadonlyMap<number, Buffer>;
}

/**
 * @throws ProtocolFailure AGREE `keygen.r2.ssid`; IDENT `keygen.r2.point`, `.com`, `.pok`; IDENT-P `.base-ot`
 */
export function dealShares(
  context: KeygenContext,
  committed: Committed,
  messages: RoundMessages,
): { readonly opened: Opened; readonly payloads: RoundPayloads } {
  const { index, parties, peers, random, secrets } = context;
  const { ssid } = committed;
  const payloadsOfAll = mapParties(parties, (party) => messages.broadcast(party));
  for (const payload of payloadsOfAll.values()) {
    // ssid is the first field; a party with another view has a valid proof for that view only
    if (!payload.subarray(0, ssid.length).equals(ssid)) throw new ProtocolFailure('AGREE', 'keygen.r2.ssid');
  }
  const openings = mapParties(parties, (party) =>
    verifiedOpening(context, committed, party, entryOf(payloadsOfAll, party)),
  );
  const transcript = openingsDigest(ssid, payloadsOfAll);

  const answers = mapParties(peers, (peer) => {
    const sid = baseOtSid(ssid, peer, index, FIRST_PAIR_COUNTER);
    const answer = answerBaseOt(sid, messages.direct(peer), random);
    if (!answer) throw new ProtocolFailure('IDENT-P', 'keygen.r2.base-ot', peer);
    secrets.own(answer.seeds0);
    secrets.own(answer.seeds1);
    return answer;
  });
  const zeroContributions = mapParties(peers, () => secrets.own(random(32)));
  const shares = mapParties(peers, (receiver) => {
    const receiverKey = entryOf(committed.round1, receiver).complaintKey;
    const share = evaluate(committed.polynomial, receiver);
    const encrypted = encryptShare({ ssid, dealer: index, receiver, receiverKey }, share, random);
    share.fill(0);
    return encrypted;
  });
  const broadcast = encodeDealing({ transcript, ...committed, shares });
  const p2p = mapParties(peers, (peer) =>
    Buffer.concat([entryOf(answers, peer).message, entryOf(zeroContributions, peer)]),
  );
  const opened = { ...committed, transcript, openings, receiverSeeds: answers, zeroContributions };
  return { opened, payloads: { broadcast, p2p } };
}

function verifiedOpening(
  { sid, start }: KeygenContext,
  { ssid, round1 }: Committed,
  party: number,
  payload: Buffer,
): Opening {
  const opening = parseOpening(payload, start.threshold);
  convictUnless(opening !== undefined, 'keygen.r2.point', party);
  const { nonce, commitment } = entryOf(round1, party);
  const opens = openingCommitment(sid, party, nonce, opening).equals(commitment);
  convictUnless(opens, 'keygen.r2.com', party);
  const [statement] = opening.commitments;
  const known = statement !== undefined && verifyKnowledge(ssid, party, statement, opening.proof);
  convictUnless(known, 'keygen.r2.pok', party);
  return opening;
}
