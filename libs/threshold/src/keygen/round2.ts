/** Round 2: open the commitments, prove knowledge, begin the base OTs. */
import { type Step } from '../dealing/ceremony';
import { type DealingContext, type DealingRoles } from '../dealing/context';
import { choosePairs, FIRST_PAIR_COUNTER, type PairChoices, type PairSetup } from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import { type RoundMessages } from '../session/session';
import { proveKnowledge } from '../sharing/proof-of-knowledge';
import { isEcdsaSuite } from '../suite';
import { checkedCommitment } from './broadcast-checks';
import { type Commitment, encodeOpening } from './messages';
import { type Chosen } from './round1';
import { sessionTranscript } from './transcript';

/** What is known after round 1. */
export interface Committed extends Chosen {
  readonly ssid: Buffer;
  /** Round 1 broadcasts of all parties. */
  readonly round1: ReadonlyMap<number, Commitment>;
  /** With every peer for ECDSA, with nobody for other suites. */
  readonly pairSetup: PairSetup;
  readonly choices: PairChoices;
}

/** @throws ProtocolFailure IDENT `keygen.r1.point` */
export function openCommitment(
  context: DealingContext,
  chosen: Chosen,
  messages: RoundMessages,
): Step<Committed> {
  const { name, suite, group, index, participants, random, secrets } = context;
  const { round1, ssid } = readRound1(context, (party) => messages.broadcast(party));
  const peers = isEcdsaSuite(suite) ? participants.filter((party) => party !== index) : [];
  const pairSetup = { name, ssid, index, peers, pairCounter: FIRST_PAIR_COUNTER, random, secrets };
  const choices = choosePairs(pairSetup);
  const { polynomial, commitments } = chosen;
  const proof = proveKnowledge(group, ssid, index, polynomial[0], commitments[0], random);
  const broadcast = encodeOpening({ ssid, ...chosen, proof });
  const p2p = mapParties(peers, (peer) => entryOf(choices, peer).message);
  return { state: { ...chosen, ssid, round1, pairSetup, choices }, payloads: { broadcast, p2p } };
}

/** @throws ProtocolFailure IDENT `keygen.r1.point` */
export function readRound1(
  roles: DealingRoles,
  payloadOf: (party: number) => Buffer,
): Pick<Committed, 'ssid' | 'round1'> {
  const { sid, participants } = roles;
  const round1 = mapParties(participants, (party) => {
    return checkedCommitment(roles, party, payloadOf(party));
  });
  return { ssid: sessionTranscript(sid, round1), round1 };
}
