import { generateKeyPairSync } from 'node:crypto';
import { type LogRecord } from '@quorate/messaging';
import { encodeRecord, type NodeHeartbeatInput, recordSigner } from '@quorate/protocol';
import { NodeReports } from './node-reports';

const keys = new Map(['node-1', 'node-2'].map((node) => [node, generateKeyPairSync('ed25519')]));
const lookup = (kid: string) => keys.get(kid)?.publicKey;
const NOW = Date.parse('2026-12-01T12:00:00Z');

/** A heartbeat of `node`, signed by `signedBy`, under the key `key`. */
function beat(
  node: string,
  change: Partial<NodeHeartbeatInput> = {},
  signedBy = node,
  key = node,
): LogRecord {
  const data: NodeHeartbeatInput = {
    ...{ type: 'quorate.node.heartbeat.v1', id: 'b4a2dc1e-2c6e-4a53-8b58-6c2a3c1c6f00', node },
    ...{ bootId: `0x${'11'.repeat(16)}`, version: '0.1.0', ready: true, ledgerCount: 7, deadPairs: [] },
    stock: [{ keyId: 'k_0123456789abcdef', committee: ['node-1', 'node-2'], unspent: 40 }],
    ...{ policyHash: `0x${'22'.repeat(32)}`, at: new Date(NOW).toISOString(), ...change },
  };
  const record = { typ: 'heartbeat', source: `/node/${signedBy}`, data, key, time: new Date(NOW) } as const;
  const { privateKey } = keys.get(signedBy) ?? generateKeyPairSync('ed25519');
  const { value, headers } = encodeRecord(record, recordSigner(signedBy, privateKey));
  return {
    ...{ topic: 'mpc.heartbeats', partition: 0, offset: 0n, timestamp: 0, key: Buffer.from(key), value },
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

function reports(records: LogRecord[], readAt = NOW): NodeReports {
  const all = new NodeReports(['node-1', 'node-2'], lookup);
  all.learn(records, readAt);
  return all;
}

describe('the reports of the nodes', () => {
  it('are the newest heartbeat of each, with its stock', () => {
    const [first, second] = reports([beat('node-1', { ledgerCount: 1 }), beat('node-1')]).list(NOW + 1_500);
    expect(first).toMatchObject({ node: 'node-1', status: 'ready', ageMs: 1_500 });
    expect(first?.heartbeat).toMatchObject({ ledgerCount: 7, stock: [{ unspent: 40 }] });
    expect(second).toEqual({ node: 'node-2', status: 'silent', ageMs: null, heartbeat: null });
  });

  it('grow old', () => {
    const all = reports([beat('node-1'), beat('node-2', { ready: false })]);
    expect(all.list(NOW).map(({ status }) => status)).toEqual(['ready', 'not-ready']);
    expect(all.list(NOW + 10_001).map(({ status }) => status)).toEqual(['old', 'old']);
  });

  it('grow old though the clock of the node is ahead', () => {
    const ahead = beat('node-1', { at: new Date(NOW + 3_600_000).toISOString() });
    expect(reports([ahead]).list(NOW + 10_001)[0]).toMatchObject({ status: 'old', ageMs: 10_001 });
  });

  it.each([
    ['another node signed', beat('node-1', { ledgerCount: 0 }, 'node-2')],
    ['nobody known signed', beat('node-1', { ledgerCount: 0 }, 'mallory')],
    ['is about another node', beat('node-2', { ledgerCount: 0 }, 'node-1', 'node-1')],
    ['was changed', { ...beat('node-1'), value: Buffer.from('{}') }],
    ['is a tombstone', { ...beat('node-1'), value: null }],
  ])('do not heed what %s, nor does it hide what came before', (_, forged) => {
    expect(reports([beat('node-1'), forged]).list(NOW)[0]?.heartbeat?.ledgerCount).toBe(7);
  });

  it('tell of nodes of PEERS_FILE only', () => {
    const others = new NodeReports(['node-2'], lookup);
    others.learn([beat('node-1')], NOW);
    expect(others.list(NOW)).toEqual([{ node: 'node-2', status: 'silent', ageMs: null, heartbeat: null }]);
  });
});
