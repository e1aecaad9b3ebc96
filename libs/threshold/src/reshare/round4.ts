/** Round 4: members of N form their shares, O and N confirm the new epoch, or members of N complain. */
import { reshareConfirmation } from '../certificate/reshare-certificate';
import { type Confirming } from '../dealing/ceremony';
import { dealingDigest, type PublicDealings } from '../dealing/context';
import { finishPairs } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { aggregatePublicKey, aggregateShare, type PublicKeyMaterial, receiveShares } from '../dealing/shares';
import { ProtocolFailure } from '../errors';
import { type PairState } from '../keygen/key-share';
import { type RoundMessages } from '../session/session';
import { evaluate } from '../sharing/polynomial';
import { checkedShares } from './broadcast-checks';
import { type ReshareContext } from './context';
import { activated, type PendingReshare, type Reshared } from './pending-reshare';
import { type Opened } from './round3';

/**
 * @throws ProtocolFailure AGREE `reshare.r3.echo`; IDENT `reshare.r3.point`; IDENT-P `.base-ot`; UNATTRIBUTED `.identity`,
 *   `.public-key`, `.own-share`
 * @throws BadShare for a share that does not match its dealer's commitments
 */
export function confirmEpoch(
  context: ReshareContext,
  opened: Opened,
  messages: RoundMessages,
): Confirming<Reshared, PendingReshare> {
  const { participants, dealers, previous, start, suite, sid, identities } = context;
  const { ssid, transcript, complaintKeys, openings, pairSetup, choices, answers } = opened;
  for (const party of participants) {
    const echo = messages.broadcast(party).subarray(0, transcript.length);
    if (!echo.equals(transcript)) throw new ProtocolFailure('AGREE', 'reshare.r3.echo');
  }
  const shares = mapParties(dealers, (dealer) => checkedShares(context, dealer, messages.broadcast(dealer)));
  const digests = mapParties(dealers, (dealer) => dealingDigest(ssid, dealer, messages.broadcast(dealer)));
  const dealings: PublicDealings = { ssid, complaintKeys, commitments: openings, shares, digests };
  const key = aggregatePublicKey(context, dealings);
  if (!key.publicKey.equals(previous.publicKey)) {
    throw new ProtocolFailure('UNATTRIBUTED', 'reshare.r3.public-key');
  }
  const share = ownShare(context, opened, dealings, key);
  const pairs = finishPairs(pairSetup, choices, answers, (peer) => messages.direct(peer));
  const { oldEpoch, epoch, newThreshold: threshold } = start;
  const { chainCode } = previous;
  const facts = { ssid, transcript, epoch, threshold, dealers, identities, ...key, chainCode };
  const pending = pendingReshare(context, key, share, pairs);
  return {
    confirmation: reshareConfirmation({ ...facts, oldEpoch }),
    pending,
    dealings,
    certify: (signatures) => activated(pending, { ...facts, suite, sid, signatures, previous }),
  };
}

/** s'_m = sum_i g_i(m) of a member of N. */
function ownShare(
  context: ReshareContext,
  { dealt, complaintSecrets }: Opened,
  dealings: PublicDealings,
  { publicShares }: PublicKeyMaterial,
): Buffer | undefined {
  const { group, index, secrets } = context;
  if (!complaintSecrets) return undefined;
  const terms = receiveShares(context, dealings, complaintSecrets);
  if (dealt) terms.push(secrets.own(evaluate(group, dealt.polynomial, index)));
  return aggregateShare(context, terms, entryOf(publicShares, index));
}

function pendingReshare(
  { previous, start, index, identities, secrets, makeShare }: ReshareContext,
  key: PublicKeyMaterial,
  share: Buffer | undefined,
  pairs: ReadonlyMap<number, PairState>,
): PendingReshare {
  const { epoch, newThreshold: threshold } = start;
  if (!share) return { previous, epoch };
  const numbers = { keyId: Buffer.from(start.keyId), epoch, threshold, parties: identities.size, index };
  const { chainCode } = previous;
  const dealt = { ...numbers, share: secrets.release(share), ...key, chainCode, identities };
  return { previous, epoch, share: makeShare(dealt, pairs) };
}
