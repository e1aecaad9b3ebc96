/** Round 4: verify the dealings, form the share, confirm or complain. */
import { BASE_OT_MESSAGE_BYTES, baseOtSid, finishBaseOt } from '../multiplication/base-ot';
import { confirmationPayload, type KeyFacts } from './certificate';
import { complain, type Complaint, decryptShare, type ShareContext } from '../sharing/complaint';
import { ProtocolFailure } from '../errors';
import { type PairState, type PendingKeyShare } from './key-share';
import { evaluate, shareMatches } from '../sharing/polynomial';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { keyIdOf } from '../session/session-id';
import { zeroSeed } from '../presign/zero-share';
import { aggregatePublicKey, aggregateShare } from './aggregate';
import { convictUnless, entryOf, type KeygenContext, mapParties } from './context';
import { type Dealing, parseDealing } from './messages';
import { FIRST_PAIR_COUNTER } from './round2';
import { type Opened } from './round3';
import { chainCode, chainCommitment } from './transcript';

/** A dealer sent this party a share off its polynomial: to be announced with the proof. */
export class BadShare extends ProtocolFailure {
  constructor(readonly complaint: Complaint) {
    super('IDENT', 'keygen.r3.share', complaint.accused);
  }
}

/** What is known after round 3. */
export interface Confirming {
  readonly facts: KeyFacts;
  readonly pending: PendingKeyShare;
  readonly dealings: ReadonlyMap<number, Dealing>;
}

/**
 * @throws ProtocolFailure AGREE `keygen.r3.echo`; IDENT `keygen.r3.point`, `.chain-code`; IDENT-P `.base-ot`;
 *   UNATTRIBUTED `.identity`, `.own-share`
 * @throws BadShare for a share that does not match its dealer's commitments
 */
export function confirmKey(
  context: KeygenContext,
  opened: Opened,
  messages: RoundMessages,
): { readonly confirming: Confirming; readonly payloads: RoundPayloads } {
  const { parties, index, start, secrets } = context;
  const { ssid, transcript, openings } = opened;
  for (const party of parties) {
    const echo = messages.broadcast(party).subarray(0, transcript.length);
    if (!echo.equals(transcript)) throw new ProtocolFailure('AGREE', 'keygen.r3.echo');
  }
  const dealings = mapParties(parties, (party) => verifiedDealing(context, opened, party, messages));
  const shares = receiveShares(context, opened, dealings);

  const dealers = [...openings.values()].map((opening) => opening.commitments);
  const { publicKey, publicShares } = aggregatePublicKey(dealers, parties);
  const ownTerm = secrets.own(evaluate(opened.polynomial, index));
  const share = secrets.own(aggregateShare(ownTerm, shares, publicShares.get(index)));

  const identities = new Map(start.participants.map((p) => [p.index, Buffer.from(p.identityKey)]));
  const contributions = mapParties(parties, (party) => entryOf(dealings, party).chainContribution);
  const facts: KeyFacts = {
    ssid,
    transcript,
    threshold: start.threshold,
    identities,
    publicKey,
    publicShares,
    chainCode: chainCode(ssid, contributions),
  };
  const pairs = finishPairs(context, opened, messages);
  const pending: PendingKeyShare = {
    suite: context.suite,
    keyId: keyIdOf(publicKey),
    epoch: start.epoch,
    threshold: start.threshold,
    parties: start.parties,
    index,
    share: secrets.release(share),
    publicKey,
    publicShares,
    chainCode: facts.chainCode,
    pairs,
    identities,
  };
  return { confirming: { facts, pending, dealings }, payloads: { broadcast: confirmationPayload(facts) } };
}

/** The dealer's encrypted share for a receiver, as everyone sees it. */
export function shareContext(opened: Opened, dealer: number, receiver: number): ShareContext {
  const receiverKey = entryOf(opened.round1, receiver).complaintKey;
  return { ssid: opened.ssid, dealer, receiver, receiverKey };
}

function verifiedDealing(
  { sid, parties }: KeygenContext,
  { openings }: Opened,
  party: number,
  messages: RoundMessages,
): Dealing {
  const receivers = parties.filter((receiver) => receiver !== party);
  const dealing = parseDealing(messages.broadcast(party), receivers);
  convictUnless(dealing !== undefined, 'keygen.r3.point', party);
  const { chainContribution, chainSalt } = dealing;
  const opens = chainCommitment(sid, party, chainContribution, chainSalt).equals(
    entryOf(openings, party).chainCommitment,
  );
  convictUnless(opens, 'keygen.r3.chain-code', party);
  return dealing;
}

/** f_j(i) of every dealer j, secret; each is checked against the dealer's commitments (Feldman). */
function receiveShares(
  { index, peers, random, secrets }: KeygenContext,
  opened: Opened,
  dealings: ReadonlyMap<number, Dealing>,
): Buffer[] {
  return peers.map((dealer) => {
    const context = shareContext(opened, dealer, index);
    const encrypted = entryOf(entryOf(dealings, dealer).shares, index);
    const share = secrets.own(decryptShare(context, encrypted, opened.complaintSecret));
    if (!shareMatches(share, entryOf(opened.openings, dealer).commitments, index)) {
      throw new BadShare(complain(context, encrypted, opened.complaintSecret, random));
    }
    return share;
  });
}

function finishPairs(
  { index, peers, secrets }: KeygenContext,
  opened: Opened,
  messages: RoundMessages,
): Map<number, PairState> {
  const { ssid, choices, receiverSeeds, zeroContributions } = opened;
  const received = mapParties(peers, (peer) => {
    const message = messages.direct(peer);
    const sid = baseOtSid(ssid, index, peer, FIRST_PAIR_COUNTER);
    const seeds = finishBaseOt(sid, entryOf(choices, peer), message.subarray(0, BASE_OT_MESSAGE_BYTES));
    if (!seeds) throw new ProtocolFailure('IDENT-P', 'keygen.r3.base-ot', peer);
    return { seeds: secrets.own(seeds), contribution: secrets.own(message.subarray(BASE_OT_MESSAGE_BYTES)) };
  });
  return mapParties(peers, (peer) => {
    const { seeds, contribution } = entryOf(received, peer);
    const { seeds0, seeds1 } = entryOf(receiverSeeds, peer);
    const own = { index, contribution: entryOf(zeroContributions, peer) };
    return {
      pairCounter: FIRST_PAIR_COUNTER,
      asSender: {
        nabla: secrets.release(entryOf(choices, peer).nabla),
        seeds: secrets.release(seeds),
      },
      asReceiver: { seeds0: secrets.release(seeds0), seeds1: secrets.release(seeds1) },
      zeroSeed: zeroSeed(ssid, own, { index: peer, contribution }),
    };
  });
}
