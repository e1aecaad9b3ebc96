import { heartbeatSchema, type NodeHeartbeat } from '@quorate/protocol';

const NOW = '2026-12-01T12:00:00Z';

/** A stack.json as it is in interfaces.md, with one node. */
export const stackContent = {
  kafka: {
    ...{ brokers: ['127.0.0.1:9092'], caFile: null, sasl: null, topicPrefix: '', groupPrefix: 'demo-' },
    operator: { sasl: null },
  },
  audit: { url: 'http://127.0.0.1:8083', token: null, witnessToken: null, logKeys: [] },
  submitter: { url: 'http://127.0.0.1:8082', token: null },
  control: { address: '127.0.0.1:50051', caFile: 'ca', certFile: 'cert', keyFile: 'key', operators: [] },
  chain: { rpcUrl: 'http://127.0.0.1:8545', chainId: '31337' },
  databases: { coordinator: 'c', audit: 'a', submitter: 's', nodes: { 'node-1': 'n' } },
  processes: { kafka: { pid: 1 } },
  identities: {},
  nodeEnvironments: {},
  auditorEnvironment: {},
  files: { policies: {}, requesters: 'r' },
  key: {
    ...{
      keyId: 'k_1',
      scheme: 'ecdsa-secp256k1',
      threshold: 2,
      participants: ['node-1', 'node-2', 'node-3'],
    },
    ...{ publicKey: '0x02', chainCode: '0x', address: '0x' },
  },
  requester: { kid: 'demo', privateKeyFile: 'k' },
};

/** A heartbeat of now: ready, with 96 presignatures of k_1 and some of another key. */
export function heartbeatOf(node: string, change: Partial<NodeHeartbeat> = {}): NodeHeartbeat {
  const stock = (keyId: string, unspent: number, committee: string[]) => ({ keyId, committee, unspent });
  const heartbeat = heartbeatSchema.parse({
    type: 'quorate.node.heartbeat.v1',
    id: 'h',
    ...{ node, bootId: '0x00', version: '0', ready: true, ledgerCount: 0, deadPairs: [] },
    stock: [
      stock('k_1', 64, ['node-1', 'node-2']),
      stock('k_1', 32, ['node-1', 'node-3']),
      stock('k_2', 9, ['node-1', 'node-2']),
    ],
    policyHash: `0x${'00'.repeat(32)}`,
    at: NOW,
  });
  return { ...heartbeat, ...change };
}
