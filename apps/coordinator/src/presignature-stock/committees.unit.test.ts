import { pairCoveringCommittees, stockCommittees } from './committees';

const nodes = (n: number) => Array.from({ length: n }, (_, i) => `node-${i + 1}`);

test('2 of 3 stocks all three pairs', () => {
  expect(stockCommittees(nodes(3), 2)).toEqual([
    ['node-1', 'node-2'],
    ['node-2', 'node-3'],
    ['node-1', 'node-3'],
  ]);
});

test.each([
  [2, 3],
  [2, 5],
  [3, 5],
  [9, 16],
])('%i of %i: at most n committees of t nodes, each node absent from at least one', (t, n) => {
  const committees = stockCommittees(nodes(n), t);
  expect(committees.length).toBeLessThanOrEqual(n);
  for (const committee of committees) expect(new Set(committee).size).toBe(t);
  for (const node of nodes(n)) expect(committees.some((committee) => !committee.includes(node))).toBe(true);
});

test('t = n has one committee', () => {
  expect(stockCommittees(nodes(3), 3)).toEqual([nodes(3)]);
});

test.each([
  [2, 2],
  [2, 3],
  [3, 3],
  [3, 5],
  [5, 9],
  [2, 16],
])('%i of %i: health checks contain every pair', (t, n) => {
  const committees = pairCoveringCommittees(nodes(n), t);
  for (const committee of committees) expect(new Set(committee).size).toBe(t);
  for (const a of nodes(n)) {
    for (const b of nodes(n)) {
      if (a !== b)
        expect(committees.some((committee) => committee.includes(a) && committee.includes(b))).toBe(true);
    }
  }
});
