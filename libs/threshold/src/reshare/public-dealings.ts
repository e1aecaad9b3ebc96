/** The dealing of one member of O as the broadcasts show it, for whoever judges a complaint later. */
import { dealingDigest, type DealingRoles, type PublicDealings } from '../dealing/context';
import { ProtocolFailure } from '../errors';
import { checkedOpening, checkedShares } from './broadcast-checks';
import { commitmentIn } from './messages';
import { readRound1 } from './round2';

/**
 * @param payloadOf round 1 payload of any participant
 * @param dealt payloads of rounds 2 and 3 of the dealer
 * @throws ProtocolFailure IDENT for a message that convicts the dealer by itself; AGREE `reshare.r2.ssid` when the dealer saw another round 1
 */
export function reshareDealings(
  roles: DealingRoles,
  payloadOf: (party: number) => Buffer,
  dealer: number,
  [round2, round3]: readonly [Buffer, Buffer],
): PublicDealings {
  const { ssid, complaintKeys } = readRound1(roles, payloadOf);
  if (!round2.subarray(0, ssid.length).equals(ssid)) throw new ProtocolFailure('AGREE', 'reshare.r2.ssid');
  const opening = checkedOpening(roles, dealer, commitmentIn(payloadOf(dealer)), round2);
  const shares = checkedShares(roles, dealer, round3);
  return {
    ssid,
    complaintKeys,
    commitments: new Map([[dealer, opening.commitments]]),
    shares: new Map([[dealer, shares]]),
    digests: new Map([[dealer, dealingDigest(ssid, dealer, round3)]]),
  };
}
