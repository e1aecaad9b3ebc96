/** Points of faults; they fade with time. */
export interface Score {
  readonly points: number;
  /** When it was so, ms since 1970. */
  readonly at: number;
}

/** How one node stands with the coordinators (docs/quarantine.md). Times in ms since 1970. */
export interface Standing {
  /** What coordinators saw the node itself do: no answer, or a refusal. */
  readonly own: Score;
  /** What went wrong between this node and another one: only these two know who of them it was. */
  readonly withPeer: Readonly<Record<string, Score>>;
  /** Faults since the node last did its work; each makes it rest twice as long. */
  readonly strikes: number;
  /** Others do its work until then, if they can. */
  readonly restsUntil: number;
  /** Pieces of work it has done since its last fault. */
  readonly goodInARow: number;
  readonly suspectedSince: number | null;
  /** Its last fault. */
  readonly reason: string | null;
}

export const goodStanding: Standing = {
  own: { points: 0, at: 0 },
  withPeer: {},
  strikes: 0,
  restsUntil: 0,
  goodInARow: 0,
  suspectedSince: null,
  reason: null,
};

/** A node with this many points is suspected. */
export const SUSPECTED_FROM = 3;
/**
 * What one peer can add to a node's points at most: less than makes a suspect, so that it takes two peers. One that
 * accuses everybody is suspected itself, and nobody else is.
 */
const MOST_PER_PEER = 2;
/** With so many points between them, two nodes had better not work together. */
const STRAINED_FROM = 0.5;
/** After this time a point counts half. */
const HALF_LIFE_MS = 60_000;
const NEGLIGIBLE = 0.05;
/** No rest is longer. */
export const LONGEST_REST_MS = 60_000;

/** The points left at a time. */
export function pointsAt({ points, at }: Score, now: number): number {
  return points * 2 ** (-Math.max(0, now - at) / HALF_LIFE_MS);
}

/** Whether others do its work now. An end further ahead than any rest is long was set by a clock that was wrong. */
export function isResting({ restsUntil }: Standing, now: number): boolean {
  return now < restsUntil && restsUntil - now <= LONGEST_REST_MS;
}

/** All points of a node at a time. */
export function totalAt(standing: Standing, now: number): number {
  const withPeers = Object.values(standing.withPeer).map((score) =>
    Math.min(pointsAt(score, now), MOST_PER_PEER),
  );
  return withPeers.reduce((sum, points) => sum + points, pointsAt(standing.own, now));
}

/** Whether the work of two nodes together fails: better ask each of them with somebody else. */
export function isStrained(standing: Standing, peer: string, now: number): boolean {
  const score = standing.withPeer[peer];
  return score !== undefined && pointsAt(score, now) >= STRAINED_FROM;
}

/** Whether there is nothing that good work could improve. */
export function isSpotless(standing: Standing, now: number): boolean {
  return standing.strikes === 0 && standing.suspectedSince === null && totalAt(standing, now) < NEGLIGIBLE;
}
