import { type NodeHealth, pairCoveringCommittees, stockCommittees, workingCommittees } from './committees';

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

describe('the committees that can work', () => {
  const five = nodes(5);
  const health = (change: Partial<NodeHealth>): NodeHealth => ({
    isLive: () => true,
    isAvoided: () => false,
    hasDeadPair: () => false,
    ...change,
  });
  const among =
    (...names: number[]) =>
    (node: string) =>
      names.includes(Number(node.slice(-1)));

  test('are those of the stock without nodes that are gone or avoided, while there are any', () => {
    const isLive = (node: string) => node !== 'node-1';
    expect(workingCommittees(nodes(3), 2, health({ isLive }))).toEqual([['node-2', 'node-3']]);
    expect(workingCommittees(nodes(3), 2, health({ isAvoided: (node) => node === 'node-2' }))).toEqual([
      ['node-1', 'node-3'],
    ]);
  });

  test('when no stocked one is left, any other that can be made', () => {
    expect(workingCommittees(five, 3, health({ isLive: among(2, 4, 5) }))).toEqual([
      ['node-2', 'node-4', 'node-5'],
    ]);
  });

  test('with avoided nodes before none at all', () => {
    const isAvoided = among(1, 2);
    expect(workingCommittees(nodes(3), 2, health({ isAvoided }))).toEqual(stockCommittees(nodes(3), 2));
    expect(workingCommittees(nodes(3), 2, health({ isLive: among(1) }))).toEqual([]);
  });

  test('never with a separated pair', () => {
    const hasDeadPair = (committee: readonly string[]) =>
      committee.includes('node-1') && committee.includes('node-2');
    expect(workingCommittees(nodes(3), 2, health({ hasDeadPair }))).toEqual([
      ['node-2', 'node-3'],
      ['node-1', 'node-3'],
    ]);
    const isLive = among(1, 2, 3);
    expect(workingCommittees(five, 3, health({ isLive, hasDeadPair }))).toEqual([]);
  });
});
