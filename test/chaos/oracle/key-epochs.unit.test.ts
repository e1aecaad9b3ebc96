import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import { encodeRecord, recordSigner, topicNames } from '@quorate/protocol';
import { type TappedRecord } from '../observation/record-tap';
import { type Databases } from './databases';
import { KeyEpochs } from './key-epochs';
import { ServiceSignatures } from './service-signature';
import { Violations } from './violations';

const topics = topicNames();
const nodes = ['node-1', 'node-2', 'node-3'];
const keys = new Map(nodes.map((kid) => [kid, generateKeyPairSync('ed25519').privateKey]));
const identities = Object.fromEntries([...keys].map(([kid, key]) => [kid, identityJwk(key)]));
const key = { keyId: 'k_1', publicKey: '0x02aa' };

/** What the databases say: open changes, and the newest epoch by owner. */
let open: { kind: string; status: string; failure: string | null }[];
let epochs: Record<string, number>;
let dead: string[];
let violations: Violations;
let oracle: KeyEpochs;

beforeEach(() => {
  open = [];
  epochs = { coordinator: 1, 'node-1': 1, 'node-2': 1, 'node-3': 1 };
  dead = [];
  violations = new Violations();
  const databases: Pick<Databases, 'query'> = {
    query: <Row extends object>(name: string, text: string) => {
      if (text.includes('key_order')) return Promise.resolve(open as Row[]);
      if (text.includes('dead_pair')) return Promise.resolve((dead.includes(name) ? [{}] : []) as Row[]);
      return Promise.resolve([{ epoch: epochs[name] } as Row]);
    },
  };
  const isLiar = (node: string) => node === 'node-3';
  oracle = new KeyEpochs(
    key,
    nodes,
    topics,
    databases,
    new ServiceSignatures(identities),
    isLiar,
    violations,
  );
});

function take(kid: string, typ: 'state' | 'event', topic: string, content: object): void {
  const signer = keys.get(kid);
  if (signer === undefined) throw new Error(kid);
  const data = { id: randomUUID(), type: 'none', keyId: key.keyId, ...content };
  const { value, headers } = encodeRecord(
    { typ, source: `/node/${kid}`, data, key: 'k', time: new Date() },
    recordSigner(kid, signer),
  );
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  const record: TappedRecord = {
    ...{ topic, partition: 0, offset: 0n, key: null, timestamp: 0, value },
    headers: Object.fromEntries(bytes),
    json: data,
  };
  oracle.take(record);
}

const state = (node: string, epoch: number, sid: string, publicKey = key.publicKey, topicOf = node) =>
  take(node, 'state', topics.state(topicOf), {
    type: 'quorate.state.key.v1',
    epoch,
    publicKey,
    certificate: { sid },
  });
const banned = (node: string, peer: string) =>
  take(node, 'event', topics.events, { type: 'quorate.node.banned.v1', node, peer, epoch: 1 });
const checks = () => violations.all.map(({ check }) => check);

it('takes one certificate per epoch from all nodes', () => {
  for (const node of nodes) state(node, 1, '0x01');
  for (const node of nodes) state(node, 2, '0x02');
  expect(checks()).toEqual([]);
});

it('notices two certificates of one epoch', () => {
  state('node-1', 1, '0x01');
  state('node-2', 1, '0x02');
  expect(checks()).toEqual(['one certificate per epoch']);
});

it('notices that a node was shown another certificate', () => {
  take('node-1', 'event', topics.events, { type: 'quorate.key.contradicted.v1', node: 'node-1', epoch: 1 });
  expect(checks()).toEqual(['one certificate per epoch']);
});

it('notices another public key, unless the record is of somebody else', () => {
  state('node-1', 1, '0x01', '0x03bb', 'node-2');
  expect(checks()).toEqual([]);
  state('node-1', 1, '0x01', '0x03bb');
  expect(checks()).toEqual(['the public key stays']);
});

it('notices a ban of honest nodes', () => {
  banned('node-1', 'node-3');
  banned('node-3', 'node-2');
  expect(checks()).toEqual([]);
  banned('node-1', 'node-2');
  expect(checks()).toEqual(['no ban of honest nodes']);
});

it('is settled when all are in one epoch and no change is open', async () => {
  await expect(oracle.untilSettled(0)).resolves.toBeUndefined();
  epochs['node-2'] = 2;
  await expect(oracle.untilSettled(0)).rejects.toThrow(
    'epochs: coordinators 1, node-1 1, node-2 2, node-3 1',
  );
  open = [{ kind: 'refresh', status: 'waiting', failure: 'node-2 is away' }];
  await expect(oracle.untilSettled(0)).rejects.toThrow('a refresh is waiting: node-2 is away');
});

it('finds the dead pair of any node', async () => {
  await expect(oracle.isAnyPairDead()).resolves.toBe(false);
  dead = ['node-3'];
  await expect(oracle.isAnyPairDead()).resolves.toBe(true);
});
