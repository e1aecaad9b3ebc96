import { heartbeatSchema, type NodeHeartbeat } from '@quorate/protocol';
import { NodeReports } from './node-reports';

const HALT_ID = `0x${'ab'.repeat(32)}`;

function report(node: string, ...scopes: string[]): NodeHeartbeat {
  return heartbeatSchema.parse({
    ...{ type: 'quorate.node.heartbeat.v1', id: `${node}-1`, node, bootId: `0x${'01'.repeat(16)}` },
    ...{ version: 'test', ready: true, ledgerCount: 0, stock: [], deadPairs: [] },
    policyHash: `0x${'00'.repeat(32)}`,
    halts: scopes.map((scope) => ({ haltId: HALT_ID, scope, reason: 'drill', by: node })),
    at: '2026-11-21T12:00:00Z',
  });
}

test('tells which nodes do not do a thing, by the newest that each says of itself', () => {
  const reports = new NodeReports();
  expect(reports.isAnyHalted()).toBe(false);
  for (const [node, ...scopes] of [
    ['node-1', 'key:k_1'],
    ['node-2', 'requester:alice', 'key:k_2'],
    ['node-3', 'all'],
    ['node-4'],
  ] as const) {
    reports.learn(report(node, ...scopes));
  }
  expect(reports.halted({ keyId: 'k_1', requesters: ['alice'] })).toEqual(['node-1', 'node-2', 'node-3']);
  expect(reports.halted({ keyId: 'k_1', requesters: [] })).toEqual(['node-1', 'node-3']);
  expect(reports.halted({ keyId: 'k_3', requesters: ['bob'] })).toEqual(['node-3']);

  for (const node of ['node-1', 'node-2', 'node-3']) reports.learn(report(node));
  expect(reports.isAnyHalted()).toBe(false);
  expect(reports.halted({ keyId: 'k_1', requesters: ['alice'] })).toEqual([]);
});
