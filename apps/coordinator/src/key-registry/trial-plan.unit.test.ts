import { type CeremonyStatus } from '../ceremony/ceremony';
import { planTrial, type TrialSituation } from './trial-plan';

const [AB, AC, BC] = [
  ['a', 'b'],
  ['a', 'c'],
  ['b', 'c'],
];
const check = (committee: string[], status: CeremonyStatus) => ({ committee, status });
const thrice = (committee: string[]) => Array.from({ length: 3 }, () => check(committee, 'failed'));

function plan(change: Partial<TrialSituation>) {
  return planTrial({
    committees: [AB, AC, BC],
    checks: [],
    isReady: () => true,
    isKeyInUse: false,
    ageMs: 0,
    ...change,
  });
}

test('starts checks of all pairs, two at a time on one node', () => {
  expect(plan({})).toEqual({ kind: 'open', start: [AB, AC, BC] });
  const four = [['a', 'b'], ['a', 'c'], ['a', 'd'], BC];
  expect(plan({ committees: four })).toEqual({ kind: 'open', start: [AB, AC, BC] });
  expect(plan({ checks: [check(AB, 'running'), check(AC, 'running')] })).toEqual({
    kind: 'open',
    start: [BC],
  });
});

test('passes when every committee passed once, whatever failed before', () => {
  const checks = [check(AB, 'failed'), check(AB, 'ok'), check(AC, 'ok'), check(BC, 'ok')];
  expect(plan({ checks })).toEqual({ kind: 'passed' });
  expect(plan({ checks: checks.slice(0, 3) })).toEqual({ kind: 'open', start: [BC] });
});

test('passes at once where pairs have no state', () => {
  expect(plan({ committees: [] })).toEqual({ kind: 'passed' });
});

test('a new key fails with a committee that failed three times', () => {
  expect(plan({ checks: [check(AB, 'ok'), ...thrice(AC), check(BC, 'ok')] })).toEqual({
    kind: 'failed',
    reason: 'the health check of a,c failed 3 times',
  });
});

test('waits for a node that is away', () => {
  const isReady = (node: string) => node !== 'c';
  expect(plan({ isReady, checks: [check(AB, 'ok')] })).toEqual({ kind: 'open', start: [] });
});

describe('a key in use', () => {
  const isKeyInUse = true;
  const [early, late] = [4_999, 30_001];

  test('goes on without pairs that fail, as soon as the others have passed', () => {
    const checks = [check(AB, 'ok'), ...thrice(AC), check(BC, 'ok')];
    expect(plan({ isKeyInUse, checks })).toEqual({ kind: 'passed' });
    expect(plan({ isKeyInUse, checks: checks.slice(0, -1) })).toEqual({ kind: 'open', start: [BC] });
    expect(plan({ isKeyInUse, checks: [...thrice(AC), check(BC, 'running')] })).toEqual({
      kind: 'open',
      start: [AB],
    });
  });

  test('waits for a node that is away, and not for long', () => {
    const isReady = (node: string) => node !== 'c';
    const away = { isKeyInUse, isReady };
    expect(plan({ ...away, checks: [check(AB, 'ok')] })).toEqual({ kind: 'open', start: [] });
    expect(plan({ ...away, ageMs: late, checks: [check(AB, 'ok')] })).toEqual({ kind: 'passed' });
    expect(plan({ ...away, ageMs: late, checks: [check(AB, 'running')] })).toEqual({
      kind: 'open',
      start: [],
    });
  });

  test('is tried again while no pair works, and fails when that lasts', () => {
    const failing = (times: number) =>
      [AB, AC, BC].flatMap((committee) => Array.from({ length: times }, () => check(committee, 'failed')));
    expect(plan({ isKeyInUse, ageMs: early, checks: failing(3) })).toEqual({ kind: 'open', start: [] });
    expect(plan({ isKeyInUse, ageMs: 5_000, checks: failing(3) })).toEqual({
      kind: 'open',
      start: [AB, AC, BC],
    });
    expect(plan({ isKeyInUse, ageMs: late, checks: failing(8) })).toEqual({
      kind: 'open',
      start: [AB, AC, BC],
    });
    expect(plan({ isKeyInUse, ageMs: late, checks: failing(9) })).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/a,b and of a,c and of b,c failed 9 times/) as unknown,
    });
  });

  test('needs no pairs where they have no state', () => {
    expect(plan({ isKeyInUse, ageMs: late, committees: [] })).toEqual({ kind: 'passed' });
  });
});
