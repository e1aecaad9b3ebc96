import { planCeremonies, type StockPolicy, type StockSituation } from './plan';

const POLICY: StockPolicy = { target: 24, lowWater: 0.5, batch: 12, concurrency: 2 };
const [AB, BC, AC] = [
  ['a', 'b'],
  ['b', 'c'],
  ['a', 'c'],
] as const;

function situation(change: Partial<StockSituation> = {}): StockSituation {
  return {
    committees: [AB, BC, AC],
    remaining: new Map(),
    running: [],
    load: new Map(),
    waiting: 0,
    available: 0,
    ...change,
  };
}

const full = new Map([
  ['a,b', 24],
  ['b,c', 24],
  ['a,c', 24],
]);

test('an empty stock is filled evenly, as far as the nodes have room', () => {
  const planned = planCeremonies(situation(), POLICY, new Set());
  expect(planned.map(({ committee }) => committee)).toEqual([AB, BC, AC]);
  expect(planned.every(({ batch, priority }) => batch === 12 && priority === 0)).toBe(true);
});

test('nothing is planned above the low-water mark', () => {
  const remaining = new Map([...full, ['a,b', 13] as const]);
  expect(planCeremonies(situation({ remaining }), POLICY, new Set())).toEqual([]);
});

test('a committee below the mark is filled up to its target, not only to the mark', () => {
  const filling = new Set<string>();
  const low = situation({ remaining: new Map([...full, ['a,b', 11] as const]) });
  expect(planCeremonies(low, POLICY, filling).map(({ committee }) => committee)).toEqual([AB, AB]);
  const middle = situation({ remaining: new Map([...full, ['a,b', 23] as const]) });
  filling.add('a,b');
  expect(planCeremonies(middle, POLICY, filling)).toHaveLength(1);
});

test('what runs already counts as stock', () => {
  const running = [{ committee: AB, batch: 12 }];
  const load = new Map([
    ['a', 1],
    ['b', 1],
  ]);
  const remaining = new Map([...full, ['a,b', 0] as const]);
  expect(planCeremonies(situation({ remaining, running, load }), POLICY, new Set(['a,b']))).toHaveLength(1);
});

test('a busy node gets nothing', () => {
  const load = new Map([['a', 2]]);
  expect(planCeremonies(situation({ load }), POLICY, new Set()).map((c) => c.committee)).toEqual([BC, BC]);
});

test('waiting requests are served first, in small batches, one ceremony beyond the limit', () => {
  const load = new Map([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ]);
  const planned = planCeremonies(situation({ load, waiting: 2 }), POLICY, new Set());
  expect(planned).toEqual([{ committee: AB, batch: 4, priority: 1 }]);
});

test('the batch on demand grows with the queue, and what is coming is not ordered again', () => {
  const running = [{ committee: AB, batch: 12 }];
  const planned = planCeremonies(situation({ remaining: full, running, waiting: 19 }), POLICY, new Set());
  expect(planned).toEqual([{ committee: BC, batch: 7, priority: 1 }]);
  expect(planCeremonies(situation({ remaining: full, running, waiting: 12 }), POLICY, new Set())).toEqual([]);
});

test('what is missing comes in as few batches as can be, all of about the same size', () => {
  const policy = { target: 100, lowWater: 0.5, batch: 32, concurrency: 8 };
  const only = situation({ committees: [AB] });
  const batches = planCeremonies(only, policy, new Set()).map(({ batch }) => batch);
  expect(batches).toEqual([25, 25, 25, 25]);
  const less = situation({ committees: [AB], remaining: new Map([['a,b', 49]]) });
  expect(planCeremonies(less, policy, new Set()).map(({ batch }) => batch)).toEqual([26, 25]);
  expect(planCeremonies(only, { ...policy, target: 5 }, new Set()).map(({ batch }) => batch)).toEqual([5]);
});
