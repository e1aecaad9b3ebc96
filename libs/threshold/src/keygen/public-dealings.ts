/** The dealing of one party as the broadcasts show it, for whoever judges a complaint later. */
import { dealingDigest, type DealingRoles, type PublicDealings } from '../dealing/context';
import { entryOf, mapParties } from '../dealing/party-map';
import { ProtocolFailure } from '../errors';
import { checkedDealing, checkedOpening } from './broadcast-checks';
import { readRound1 } from './round2';

/**
 * @param payloadOf round 1 payload of any participant
 * @param dealt payloads of rounds 2 and 3 of the dealer
 * @throws ProtocolFailure IDENT for a message that convicts the dealer by itself; AGREE `keygen.r2.ssid` when the dealer saw another round 1
 */
export function keygenDealings(
  roles: DealingRoles,
  payloadOf: (party: number) => Buffer,
  dealer: number,
  [round2, round3]: readonly [Buffer, Buffer],
): PublicDealings {
  const { receivers } = roles;
  const { ssid, round1 } = readRound1(roles, payloadOf);
  const opening = checkedOpening(roles, dealer, entryOf(round1, dealer), round2);
  if (!opening.ssid.equals(ssid)) throw new ProtocolFailure('AGREE', 'keygen.r2.ssid');
  const dealing = checkedDealing(roles, dealer, opening, round3);
  return {
    ssid,
    complaintKeys: mapParties(receivers, (party) => entryOf(round1, party).complaintKeys),
    commitments: new Map([[dealer, opening.commitments]]),
    shares: new Map([[dealer, dealing.shares]]),
    digests: new Map([[dealer, dealingDigest(ssid, dealer, round3)]]),
  };
}
