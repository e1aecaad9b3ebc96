import { type FaultNoted, type StandingEvent } from './events';
import { isResting, LONGEST_REST_MS, pointsAt, type Score, type Standing } from './standing';

/** No score grows beyond this, so that the longest memory is a few half-lives. */
const MOST_POINTS = 6;
/** What is left of the points after a piece of work: who fails a third of it stays a suspect. */
const FORGIVEN = 0.8;
const FIRST_REST_MS = 1_000;

/** How long a node rests after so many faults in a row, in ms. */
export function restAfter(strikes: number): number {
  return Math.min(FIRST_REST_MS * 2 ** Math.max(0, strikes - 1), LONGEST_REST_MS);
}

/** The standing after one more event. Pure. */
export function evolve(standing: Standing, event: StandingEvent): Standing {
  switch (event.type) {
    case 'fault-noted':
      return faulted(standing, event.data);
    case 'work-noted':
      return worked(standing, event.data.peers, event.data.at);
    case 'quorate.node.suspected.v1': {
      const { since, restsUntil, reason } = event.data;
      return { ...standing, suspectedSince: Date.parse(since), restsUntil: Date.parse(restsUntil), reason };
    }
    case 'quorate.node.recovered.v1':
      return {
        ...standing,
        suspectedSince: null,
        own: { ...standing.own, points: 0 },
        strikes: 0,
        restsUntil: 0,
      };
  }
}

function faulted(standing: Standing, { points, peer, reason, at }: FaultNoted): Standing {
  const more = (score: Score | undefined): Score => ({
    points: Math.min(MOST_POINTS, points + (score === undefined ? 0 : pointsAt(score, at))),
    at,
  });
  const noted: Standing =
    peer === null
      ? { ...standing, own: more(standing.own), goodInARow: 0, reason }
      : {
          ...standing,
          withPeer: { ...standing.withPeer, [peer]: more(standing.withPeer[peer]) },
          goodInARow: 0,
          reason,
        };
  // The claim of one node must not send another one to rest.
  if (peer !== null && standing.suspectedSince === null) return noted;
  const strikes = standing.strikes + 1;
  const rested = isResting(standing, at) ? standing.restsUntil : 0;
  return { ...noted, strikes, restsUntil: Math.max(rested, at + restAfter(strikes)) };
}

/** Work that was begun before the node had to rest does not end the rest. */
function worked(standing: Standing, peers: readonly string[], at: number): Standing {
  const less = (score: Score): Score => ({ points: FORGIVEN * pointsAt(score, at), at });
  const withPeer = Object.fromEntries(
    Object.entries(standing.withPeer).map(([peer, score]) => [
      peer,
      peers.includes(peer) ? less(score) : score,
    ]),
  );
  const rests = isResting(standing, at);
  return {
    ...standing,
    own: less(standing.own),
    withPeer,
    strikes: rests ? standing.strikes : 0,
    goodInARow: rests ? standing.goodInARow : standing.goodInARow + 1,
  };
}
