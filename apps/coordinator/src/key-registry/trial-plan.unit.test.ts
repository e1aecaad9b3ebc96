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
    isPartialEnough: false,
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

test('a key in use goes on without nodes that are away and pairs that fail, but not without any', () => {
  const isReady = (node: string) => node !== 'c';
  const isPartialEnough = true;
  expect(plan({ isPartialEnough, isReady, checks: [check(AB, 'ok')] })).toEqual({ kind: 'passed' });
  expect(plan({ isPartialEnough, isReady, checks: [check(AB, 'running')] })).toEqual({
    kind: 'open',
    start: [],
  });
  expect(plan({ isPartialEnough, checks: [check(AB, 'ok'), ...thrice(AC), check(BC, 'ok')] })).toEqual({
    kind: 'passed',
  });
  const none = [...thrice(AB), ...thrice(AC), ...thrice(BC)];
  expect(plan({ isPartialEnough, checks: none }).kind).toBe('failed');
});
