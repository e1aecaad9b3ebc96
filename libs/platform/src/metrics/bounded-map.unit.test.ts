import { setBounded } from './bounded-map';

test('the oldest entry gives way', () => {
  const map = new Map<string, number>();
  ['a', 'b', 'c'].forEach((key, value) => setBounded(map, key, value, 2));
  expect([...map]).toEqual([
    ['b', 1],
    ['c', 2],
  ]);
});
