/** Round 2: members of O open their commitments; members of N begin the base OTs among themselves. */
import { type Step } from '../dealing/ceremony';
import { type DealingRoles, type PublicDealings } from '../dealing/context';
import { choosePairs, FIRST_PAIR_COUNTER, type PairChoices, type PairSetup } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { type RoundMessages } from '../session/session';
import { isEcdsaSuite } from '../suite';
import { type ReshareContext } from './context';
import { checkedGreeting } from './broadcast-checks';
import { commitmentIn, encodeRound2 } from './messages';
import { type Chosen } from './round1';
import { reshareTranscript } from './transcript';

/** What is known after round 1. */
export interface Committed extends Chosen {
  readonly ssid: Buffer;
  /** com_i by member of O. */
  readonly commitments: ReadonlyMap<number, Buffer>;
  readonly complaintKeys: PublicDealings['complaintKeys'];
  /** With the others of N for ECDSA, else with nobody. */
  readonly pairSetup: PairSetup;
  readonly choices: PairChoices;
}

/** @throws ProtocolFailure IDENT `reshare.r1.point` */
export function openDealing(
  context: ReshareContext,
  chosen: Chosen,
  messages: RoundMessages,
): Step<Committed> {
  const { name, suite, index, receivers, random, secrets } = context;
  const greeted = readRound1(context, (party) => messages.broadcast(party));
  const { ssid } = greeted;
  const hasPairs = isEcdsaSuite(suite) && receivers.includes(index);
  const peers = hasPairs ? receivers.filter((party) => party !== index) : [];
  const pairSetup = { name, ssid, index, peers, pairCounter: FIRST_PAIR_COUNTER, random, secrets };
  const choices = choosePairs(pairSetup);
  return {
    state: { ...chosen, ...greeted, pairSetup, choices },
    payloads: {
      broadcast: encodeRound2(ssid, chosen.dealt?.opening),
      p2p: mapParties(peers, (peer) => entryOf(choices, peer).message),
    },
  };
}

/** @throws ProtocolFailure IDENT `reshare.r1.point` */
export function readRound1(
  roles: DealingRoles,
  payloadOf: (party: number) => Buffer,
): Pick<Committed, 'ssid' | 'commitments' | 'complaintKeys'> {
  const { sid, dealers, receivers } = roles;
  const commitments = mapParties(dealers, (party) => commitmentIn(payloadOf(party)));
  const greetings = mapParties(receivers, (party) => {
    return checkedGreeting(roles, party, payloadOf(party));
  });
  const complaintKeys = mapParties(receivers, (party) => entryOf(greetings, party).complaintKeys);
  return { ssid: reshareTranscript(sid, commitments, greetings), commitments, complaintKeys };
}
