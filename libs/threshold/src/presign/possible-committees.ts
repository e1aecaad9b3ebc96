/** Which committees can still presign when pairs are dead (specification section 9: the pair is separated, not a party). */
import { InvalidInput } from '../errors';
import { MAX_PARTIES } from '../suite';

/**
 * All committees of that size without a dead pair, each ascending, in lexicographic order: the cliques of the graph of live
 * pairs. Lazy, as there may be 12 870 of them: take the first for one, or none to learn that the key cannot sign before a
 * pair is re-keyed.
 *
 * @param parties indices of the parties that are available, at most 16
 * @param size t, or more
 * @param deadPairs indices of both members, in any order; pairs of others mean nothing
 * @throws InvalidInput for more than 16 parties, an index twice, a pair of a party with itself or a size below 2
 */
export function* possibleCommittees(
  parties: readonly number[],
  size: number,
  deadPairs: readonly (readonly [number, number])[],
): Generator<number[], void, undefined> {
  checkGraph(parties, size, deadPairs);
  const isDead = (a: number, b: number) =>
    deadPairs.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
  const ascending = [...parties].sort((a, b) => a - b);
  yield* extended([], ascending, size, isDead);
}

/** The committees that contain `members` and for the rest some of the candidates, each of which is live with all members. */
function* extended(
  members: readonly number[],
  candidates: readonly number[],
  size: number,
  isDead: (a: number, b: number) => boolean,
): Generator<number[], void, undefined> {
  if (members.length === size) {
    yield [...members];
    return;
  }
  for (const [k, next] of candidates.entries()) {
    if (members.length + candidates.length - k < size) return;
    const rest = candidates.slice(k + 1).filter((candidate) => !isDead(next, candidate));
    yield* extended([...members, next], rest, size, isDead);
  }
}

function checkGraph(
  parties: readonly number[],
  size: number,
  deadPairs: readonly (readonly [number, number])[],
): void {
  const isParties = parties.length <= MAX_PARTIES && new Set(parties).size === parties.length;
  if (!isParties) throw new InvalidInput('at most 16 parties, each once');
  if (!Number.isInteger(size) || size < 2) throw new InvalidInput('a committee has at least 2 members');
  if (deadPairs.some(([a, b]) => a === b)) throw new InvalidInput('a pair has two members');
}
