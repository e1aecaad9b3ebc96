/** Which of the chains that the endpoints show is followed. Pure. */

/** What one endpoint shows. */
export interface Tip {
  endpoint: string;
  number: number;
  hash: string;
  /** Heights whose hashes it told, highest first. */
  heights: readonly number[];
  hashAt: (number: number) => string | undefined;
}

export interface Agreement {
  /** Endpoints on the chain that is followed, highest head first; empty when there is none. */
  members: Tip[];
  /** Endpoints on another chain. */
  apart: Tip[];
  /** Whether no more endpoints are on the followed chain than on another: nobody can say which is right. */
  disputed: boolean;
}

/**
 * Groups the endpoints by chain, and follows the chain of most. Between equals the one that was followed stays, so that
 * an endpoint on a fork does not make the head jump to and fro; at first, the higher.
 *
 * @param followed the head that was followed last.
 */
export function agree(tips: readonly Tip[], followed?: { number: number; hash: string }): Agreement {
  const chains: Tip[][] = [];
  for (const tip of [...tips].sort((a, b) => b.number - a.number)) {
    const chain = chains.find((members) => members.some((member) => compare(member, tip) === 'same'));
    if (chain === undefined) chains.push([tip]);
    else chain.push(tip);
  }
  const wasFollowed = (chain: readonly Tip[]) =>
    followed !== undefined && chain.some((tip) => tip.hashAt(followed.number) === followed.hash);
  const [chosen = [], ...others] = chains.sort(
    (a, b) => b.length - a.length || Number(wasFollowed(b)) - Number(wasFollowed(a)),
  );
  return {
    members: chosen,
    apart: others.flat(),
    disputed: others.some((chain) => chain.length >= chosen.length),
  };
}

/** Whether two endpoints are on one chain, by the highest block that both have told. */
export function compare(a: Tip, b: Tip): 'same' | 'other' | 'unknown' {
  const common = a.heights.find((height) => b.hashAt(height) !== undefined);
  if (common === undefined) return 'unknown';
  return a.hashAt(common) === b.hashAt(common) ? 'same' : 'other';
}
