/** Judging a peer once: the concurrency rule of the oblivious-transfer checks (specification sections 5.7 and 9). */
import { ProtocolFailure } from '../errors';

/**
 * Runs the checks whose failure kills a pair (5.4, 6.4 and both Gamma checks).
 *
 * An implementation, for one (key, epoch), holds a lock of the pair across all sessions, workers and processes of the node
 * while it: refuses with `BAN pair-dead` when the pair is dead already, without running `check`; runs `check`; and when
 * that throws a `BAN`, persists "pair dead" before it rethrows. It must be synchronous: a session judges within one call
 * of `start` or `receive`, and after a `BAN` that call returns the failure and no frame at all.
 *
 * @throws ProtocolFailure what `check` throws, or `BAN pair-dead`
 */
export type PairJudge = <T>(peer: number, check: () => T) => T;

/** The failure for a pair that was condemned before. */
export function pairDead(peer: number): ProtocolFailure {
  return new ProtocolFailure('BAN', 'pair-dead', peer);
}

/**
 * A judge for one key epoch in one thread. JavaScript runs each check to its end, which is the lock.
 * @param dead peers already condemned; every further one is added
 * @param persist stores the verdict durably and synchronously, before anything can leave the node
 */
export function createPairJudge(dead: Set<number>, persist: (peer: number) => void): PairJudge {
  return (peer, check) => {
    if (dead.has(peer)) throw pairDead(peer);
    try {
      return check();
    } catch (error) {
      if (error instanceof ProtocolFailure && error.failureClass === 'BAN') {
        dead.add(peer);
        persist(peer);
      }
      throw error;
    }
  };
}
