import { InvalidInput } from '../errors';
import { mod } from '../group/scalar';
import { bitWeights, halves, powers, zip } from './vectors';

describe('vectors', () => {
  test('of powers start at 1', () => {
    expect(powers(3n, 5)).toEqual([1n, 3n, 9n, 27n, 81n]);
    expect(powers(7n, 0)).toEqual([]);
    expect(powers(-1n, 3)).toEqual([1n, mod(-1n), 1n]);
  });

  test('of bit weights: z^2 2^k for the first value, z times as much for the next (71)', () => {
    expect(bitWeights(5n, 3, 2)).toEqual([25n, 50n, 100n, 125n, 250n, 500n]);
  });

  test('are zipped only with vectors of the same length', () => {
    expect(zip([1, 2], ['a', 'b'])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(() => zip([1, 2], ['a'])).toThrow(InvalidInput);
    expect(() => zip([1], ['a', 'b'])).toThrow(InvalidInput);
  });

  test('are halved in order', () => {
    expect(halves([1, 2, 3, 4])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
