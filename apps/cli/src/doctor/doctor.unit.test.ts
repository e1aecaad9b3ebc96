import { type NodeHeartbeat } from '@quorate/protocol';
import { stackFile } from '../stack/stack-file';
import { judgeHalt, judgeKey } from './checks/control';
import { judgeHeartbeats } from './checks/heartbeats';
import { checkNodeVersion } from './checks/node-version';
import { heartbeatOf, stackContent } from './testing/stack-content';

const now = new Date('2026-12-01T12:00:00Z');
const stack = stackFile.parse(stackContent);

function judge(change: Partial<NodeHeartbeat> | undefined): {
  state: string | undefined;
  detail: string | undefined;
} {
  const heartbeats = new Map(change === undefined ? [] : [['node-1', heartbeatOf('node-1', change)]]);
  const [finding] = judgeHeartbeats(heartbeats, stack, now);
  return { state: finding?.state, detail: finding?.detail };
}

describe('judgeHeartbeats', () => {
  it('counts the presignatures of the key over its committees', () => {
    expect(judge({})).toEqual({ state: 'ok', detail: '96 presignatures in 2 committees' });
  });

  it.each<[string, Partial<NodeHeartbeat> | undefined, string, RegExp]>([
    ['no heartbeat', undefined, 'broken', /no heartbeat/],
    ['an old one', { at: '2026-12-01T11:59:00Z' }, 'broken', /60 s ago/],
    ['a node that is not ready', { ready: false }, 'broken', /not ready/],
    ['an empty stock', { stock: [] }, 'warning', /0 presignatures/],
  ])('finds %s', (_, change, state, detail) => {
    const found = judge(change);
    expect(found.state).toBe(state);
    expect(found.detail).toMatch(detail);
  });
});

describe('judgeKey', () => {
  const key = { keyId: 'k_1', threshold: 2, participants: ['a', 'b', 'c'] };

  it('warns of quorums that need not overlap', () => {
    expect(judgeKey(key, 'usable').state).toBe('ok');
    expect(judgeKey({ ...key, participants: ['a', 'b', 'c', 'd'] }, 'usable').state).toBe('warning');
  });

  it('finds a key that the coordinator does not know', () => {
    expect(judgeKey(key, undefined).state).toBe('broken');
  });
});

it.each([
  ['all', 'quorate resume'],
  ['key:k_1', 'quorate resume --key k_1'],
  ['requester:alice', 'quorate resume --requester alice'],
])('a halt of %s is found with its remedy', (scope, remedy) => {
  const halt = { haltId: '0x11', scope, reason: 'drill', by: 'operator', places: ['coordinators', 'node-1'] };
  expect(judgeHalt(halt)).toEqual({
    ...{ part: 'halt', state: 'warning', remedy },
    detail: `${scope}, by operator, at coordinators, node-1: drill`,
  });
});

it.each([
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.3', 'broken'],
  ['18.20.0', 'broken'],
])('Node.js %s is %s', (version, state) => {
  expect(checkNodeVersion(version).state).toBe(state);
});
