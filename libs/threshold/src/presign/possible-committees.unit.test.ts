import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { possibleCommittees } from './possible-committees';

type Pair = readonly [number, number];
const indicesTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1);
const committeesOf = (parties: readonly number[], size: number, dead: readonly Pair[] = []) => [
  ...possibleCommittees(parties, size, dead),
];

/** Every subset of the size, by bit masks, without those that contain both members of a dead pair. */
function byMasks(parties: readonly number[], size: number, dead: readonly Pair[]): string[] {
  const committees: string[] = [];
  for (let mask = 0; mask < 2 ** parties.length; mask++) {
    const members = parties.filter((_, k) => (mask >> k) & 1);
    const hasDead = dead.some((pair) => pair.every((index) => members.includes(index)));
    if (members.length === size && !hasDead) committees.push(members.sort((a, b) => a - b).join());
  }
  return committees.sort();
}

describe('committees without dead pairs (9)', () => {
  test('without dead pairs: all of the size, in order', () => {
    expect(committeesOf([3, 1, 2], 2)).toEqual([
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(committeesOf(indicesTo(16), 8)).toHaveLength(12_870);
  });

  test('2 of 3 signs with one dead pair and with two, not with three', () => {
    expect(committeesOf([1, 2, 3], 2, [[2, 1]])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    const two: Pair[] = [
      [1, 2],
      [1, 3],
    ];
    expect(committeesOf([1, 2, 3], 2, two)).toEqual([[2, 3]]);
    expect(committeesOf([1, 2, 3], 2, [...two, [3, 2]])).toEqual([]);
  });

  test('t = n signs only while no pair is dead', () => {
    expect(committeesOf([1, 2, 3], 3)).toEqual([[1, 2, 3]]);
    expect(committeesOf([1, 2, 3], 3, [[1, 3]])).toEqual([]);
  });

  test('3 of 5 with the five pairs of the ring dead: live pairs without a triangle, no committee', () => {
    const ring: Pair[] = [
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 1],
    ];
    expect(committeesOf(indicesTo(5), 3, ring)).toEqual([]);
    expect(committeesOf(indicesTo(5), 2, ring)).toHaveLength(5);
  });

  test('agrees with all subsets', () => {
    const graphs = fc.record({
      parties: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }),
      size: fc.integer({ min: 2, max: 8 }),
      dead: fc.array(
        fc
          .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
          .filter(([a, b]) => a !== b),
        { maxLength: 12 },
      ),
    });
    fc.assert(
      fc.property(graphs, ({ parties, size, dead }) => {
        const committees = committeesOf(parties, size, dead);
        expect(committees.map((committee) => committee.join()).sort()).toEqual(byMasks(parties, size, dead));
      }),
    );
  });

  test('too few parties make no committee', () => {
    expect(committeesOf([], 2)).toEqual([]);
    expect(committeesOf([4], 2)).toEqual([]);
  });

  test.each<[string, number[], number, Pair[]]>([
    ['17 parties', indicesTo(17), 2, []],
    ['an index twice', [1, 1, 2], 2, []],
    ['a committee of one', [1, 2], 1, []],
    ['a size that is no integer', [1, 2], 2.5, []],
    ['a pair of one party', [1, 2], 2, [[2, 2]]],
  ])('%s is refused', (_, parties, size, dead) => {
    expect(() => committeesOf(parties, size, dead)).toThrow(InvalidInput);
  });
});
