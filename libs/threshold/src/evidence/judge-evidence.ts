/**
 * The verdict on a key generation or a reshare that failed, from signed frames alone (specification sections 3 and 9).
 *
 * A complaint convicts in every party's session at once; this is for everyone else, and for later. Evidence is pooled: the
 * frames in `ProtocolFailure.evidence` of any number of parties, and what they handed over as frames of type evidence. A
 * dealer could have signed two versions of round 3, a good share for the world and a bad one for its victim, whose complaint
 * names the version: with the frames of the victim in the pool the two versions convict the dealer.
 */
import { CONFIRMATION_ROUND, kindOfResult } from '../dealing/result';
import { convictUnless, type DealingRoles } from '../dealing/context';
import { formedComplaint, judge, type Verdict } from '../dealing/judgement';
import { ProtocolFailure } from '../errors';
import { checkKeygenBroadcasts } from '../keygen/broadcast-checks';
import { keygenRoles } from '../keygen/context';
import { keygenRounds } from '../keygen/messages';
import { keygenDealings } from '../keygen/public-dealings';
import { checkReshareBroadcasts } from '../reshare/broadcast-checks';
import { reshareRoles } from '../reshare/context';
import { reshareRounds } from '../reshare/messages';
import { reshareDealings } from '../reshare/public-dealings';
import { findEquivocations } from '../session/equivocation';
import { ed25519PublicKey, type Frame, parseFrame } from '../session/frame';
import { Mailbox, sessionHeader } from '../session/mailbox';
import { type KeygenStart, type ReshareStart } from '../session/session-start';

/** The judge is no participant. */
const NOBODY = 0;
/** What a party broadcasts before it confirms. */
const DEALING_ROUNDS = [1, 2, 3];

/**
 * Whom the signed frames convict: a party that signed two messages for one slot, one of whose broadcasts is wrong by itself, a
 * dealer whose share is bad, or a party whose complaint is unfounded.
 *
 * @param start of the failed session, from the own configuration: it has the identity keys
 * @param frames in any order; frames that are not of the session, or not signed by their sender, count for nothing
 * @returns `undefined` when the frames convict nobody
 * @throws InvalidInput for an invalid start
 */
export function judgeEvidence(
  start: KeygenStart | ReshareStart,
  frames: readonly Uint8Array[],
): Verdict | undefined {
  const roles = start.purpose === 'dkg' ? keygenRoles(start) : reshareRoles(start);
  const rounds =
    start.purpose === 'dkg'
      ? (sender: number) => keygenRounds(roles, sender)
      : (sender: number) => reshareRounds(roles, sender, NOBODY);
  const [dealings, checkBroadcasts] =
    start.purpose === 'dkg'
      ? [keygenDealings, checkKeygenBroadcasts]
      : [reshareDealings, checkReshareBroadcasts];
  const ofSession = frames.filter((frame) => parseFrame(frame)?.sid.equals(roles.sid) === true);
  const identities = new Map(start.participants.map((p) => [p.index, p.identityKey]));
  const [equivocation] = findEquivocations(ofSession, identities); // of direct messages, too
  if (equivocation) return { accused: equivocation.accused, check: 'session.equivocation' };
  const keys = new Map([...identities].map(([party, key]) => [party, ed25519PublicKey(key)]));
  const mailbox = new Mailbox(sessionHeader(start, roles.sid), NOBODY, keys, rounds);
  for (const frame of ofSession) mailbox.deliver(frame);
  const payloadsOf = (party: number) =>
    DEALING_ROUNDS.map((round) => mailbox.broadcast(round, party)?.payload);
  for (const party of roles.participants) {
    const verdict = verdictOf(() => {
      checkBroadcasts(roles, party, payloadsOf(party));
    });
    if (verdict) return verdict;
  }
  for (const party of roles.participants) {
    const verdict = verdictOf(() =>
      judgeResult(roles, mailbox, dealings, mailbox.broadcast(CONFIRMATION_ROUND, party)),
    );
    if (verdict) return verdict;
  }
  return undefined;
}

/** The verdict on a result of round 4, if it is a complaint and everything that it is judged by is there. */
function judgeResult(
  roles: DealingRoles,
  mailbox: Mailbox,
  dealingsOf: typeof keygenDealings,
  result: Frame | undefined,
): Verdict | undefined {
  if (!result) return undefined;
  const kind = kindOfResult(roles.group, result.payload);
  convictUnless(kind !== undefined, `${roles.name}.r4.form`, result.from);
  if (kind !== 'complaint') return undefined;
  const complaint = formedComplaint(roles, result.from, result.payload);
  const dealer = complaint.accused;
  const [round2, round3] = [mailbox.broadcast(2, dealer), mailbox.broadcast(3, dealer)];
  const round1 = new Map(roles.participants.map((party) => [party, mailbox.broadcast(1, party)?.payload]));
  if (!round2 || !round3 || [...round1.values()].includes(undefined)) return undefined;
  const payloadOf = (party: number) => round1.get(party) ?? Buffer.alloc(0);
  const dealings = dealingsOf(roles, payloadOf, dealer, [round2.payload, round3.payload]);
  return judge(roles, dealings, result.from, complaint);
}

/** A conviction as a verdict; any other failure is none. */
function verdictOf(check: () => Verdict | undefined | void): Verdict | undefined {
  try {
    return check() ?? undefined;
  } catch (error) {
    if (!(error instanceof ProtocolFailure)) throw error;
    const { failureClass, accused, check: name } = error;
    return failureClass === 'IDENT' && accused !== undefined ? { accused, check: name } : undefined;
  }
}
