/** Round 2: open the commitments, prove knowledge, begin the base OTs. */
import { type BaseOtChoice, baseOtSid, chooseBaseOt } from '../multiplication/base-ot';
import { InvalidInput } from '../errors';
import { proveKnowledge } from '../sharing/proof-of-knowledge';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { convictUnless, type KeygenContext, mapParties } from './context';
import { type Commitment, encodeOpening, parseCommitment } from './messages';
import { type Chosen } from './round1';
import { sessionTranscript } from './transcript';

/** What is known after round 1. */
export interface Committed extends Chosen {
  readonly ssid: Buffer;
  /** Round 1 broadcasts of all parties. */
  readonly round1: ReadonlyMap<number, Commitment>;
  /** Base OT choices of the instances (i->j) by peer j. */
  readonly choices: ReadonlyMap<number, BaseOtChoice>;
}

/** Base OT of key generation runs with pair counter 0. */
export const FIRST_PAIR_COUNTER = 0;

/** @throws ProtocolFailure IDENT `keygen.r1.point` */
export function openCommitment(
  context: KeygenContext,
  chosen: Chosen,
  messages: RoundMessages,
): { readonly committed: Committed; readonly payloads: RoundPayloads } {
  const { sid, index, parties, peers, random, secrets } = context;
  const round1 = mapParties(parties, (party) => {
    const commitment = parseCommitment(messages.broadcast(party));
    convictUnless(commitment !== undefined, 'keygen.r1.point', party);
    return commitment;
  });
  const ssid = sessionTranscript(sid, round1);

  const choices = mapParties(peers, (peer) => {
    const choice = chooseBaseOt(baseOtSid(ssid, index, peer, FIRST_PAIR_COUNTER), random);
    secrets.own(choice.nabla);
    secrets.own(choice.secrets);
    return choice;
  });
  const [constant] = chosen.polynomial;
  const [statement] = chosen.commitments;
  if (!constant || !statement) throw new InvalidInput('a polynomial has a constant');
  const proof = proveKnowledge(ssid, index, constant, statement, random);
  const broadcast = encodeOpening({ ssid, ...chosen, proof });
  const p2p = new Map([...choices].map(([peer, choice]) => [peer, choice.message]));
  return { committed: { ...chosen, ssid, round1, choices }, payloads: { broadcast, p2p } };
}
