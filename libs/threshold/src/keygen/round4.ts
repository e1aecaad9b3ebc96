/** Round 4: verify the dealings, form the share, confirm or complain. */
import { type Certificate } from '../certificate/certificate';
import { keygenConfirmation } from '../certificate/keygen-certificate';
import { type KeyFacts } from '../certificate/confirmation';
import { type Confirming } from '../dealing/ceremony';
import { dealingDigest, type PublicDealings } from '../dealing/context';
import { finishPairs } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { aggregatePublicKey, aggregateShare, receiveShares } from '../dealing/shares';
import { ProtocolFailure } from '../errors';
import { type RoundMessages } from '../session/session';
import { keyIdOf } from '../session/session-id';
import { evaluate } from '../sharing/polynomial';
import { checkedDealing } from './broadcast-checks';
import { type KeygenContext } from './context';
import { type Opened } from './round3';
import { chainCode } from './transcript';

/**
 * @throws ProtocolFailure AGREE `keygen.r3.echo`; IDENT `keygen.r3.point`, `.chain-code`; IDENT-P `.base-ot`;
 *   UNATTRIBUTED `.identity`, `.own-share`
 * @throws BadShare for a share that does not match its dealer's commitments
 */
export function confirmKey<P>(
  context: KeygenContext<P>,
  opened: Opened,
  messages: RoundMessages,
): Confirming<P & { readonly certificate: Certificate }, P> {
  const { group, sid, participants, index, start, secrets } = context;
  const { ssid, transcript, openings, complaintKeys, pairSetup, choices, answers } = opened;
  for (const party of participants) {
    const echo = messages.broadcast(party).subarray(0, transcript.length);
    if (!echo.equals(transcript)) throw new ProtocolFailure('AGREE', 'keygen.r3.echo');
  }
  const received = mapParties(participants, (party) =>
    checkedDealing(context, party, entryOf(openings, party), messages.broadcast(party)),
  );
  const dealings: PublicDealings = {
    ssid,
    complaintKeys,
    commitments: mapParties(participants, (party) => entryOf(openings, party).commitments),
    shares: mapParties(participants, (party) => entryOf(received, party).shares),
    digests: mapParties(participants, (party) => dealingDigest(ssid, party, messages.broadcast(party))),
  };
  const terms = receiveShares(context, dealings, opened.complaintSecrets);
  terms.push(secrets.own(evaluate(group, opened.polynomial, index)));
  const { publicKey, publicShares } = aggregatePublicKey(context, dealings);
  const share = aggregateShare(context, terms, entryOf(publicShares, index));

  const identities = new Map(start.participants.map((p) => [p.index, Buffer.from(p.identityKey)]));
  const contributions = mapParties(participants, (party) => entryOf(received, party).chainContribution);
  const { suite, epoch, threshold, parties } = start;
  const publicFacts = {
    threshold,
    identities,
    publicKey,
    publicShares,
    chainCode: chainCode(ssid, contributions),
  };
  const facts: KeyFacts = { ssid, transcript, ...publicFacts };
  const pairs = finishPairs(pairSetup, choices, answers, (peer) => messages.direct(peer));
  const pending = context.makeShare(
    { keyId: keyIdOf(publicKey), epoch, parties, index, share: secrets.release(share), ...publicFacts },
    pairs,
  );
  return {
    confirmation: keygenConfirmation(facts),
    pending,
    dealings,
    certify: (signatures) => ({ ...pending, certificate: { suite, epoch, sid, ...facts, signatures } }),
  };
}
