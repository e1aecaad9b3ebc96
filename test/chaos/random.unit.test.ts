import { Random } from './random';

it('gives the same numbers for the same seed, and others for another', () => {
  const drawn = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

it('draws every value of a range, and nothing outside', () => {
  const random = new Random(1);
  const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
});

it('samples different elements, at most all', () => {
  const random = new Random(2);
  expect(random.sample(['a', 'b', 'c'], 2)).toHaveLength(2);
  expect(random.sample(['a', 'b', 'c'], 9).sort()).toEqual(['a', 'b', 'c']);
});
