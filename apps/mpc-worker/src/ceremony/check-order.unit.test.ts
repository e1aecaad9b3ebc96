import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { identityJwk, publicKeyBytes } from '@quorate/platform';
import { policyFile } from '@quorate/policy';
import { signDetached } from '@quorate/protocol';
import { parseSuiteId, sessionId } from '@quorate/threshold';
import { type CeremonyOrder, sessionStartOf } from './ceremony-order';
import { checkKeygenOrder, checkMembers } from './check-order';

const now = 1_800_000_000;
const operators = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const nodes = ['node-1', 'node-2', 'node-3'].map((nodeId) => ({
  nodeId,
  key: generateKeyPairSync('ed25519').publicKey,
}));
const bootIds = nodes.map(() => randomBytes(16));

const policy = policyFile.parse({
  version: 1,
  operators: {
    required: 2,
    keys: operators.map(({ publicKey }, i) => ({ kid: `operator-${i}`, publicKey: identityJwk(publicKey) })),
  },
  requesters: [],
});

const command = {
  what: 'CreateKey',
  scheme: 'ecdsa-secp256k1',
  threshold: 2,
  participants: nodes.map(({ nodeId }) => nodeId),
  disjointQuorums: false,
  epoch: 0,
  expiry: new Date((now + 60) * 1000).toISOString(),
  nonce: `0x${'22'.repeat(32)}`,
};

function order(
  change: { command?: object; signers?: [KeyObject, string][]; order?: Partial<CeremonyOrder> } = {},
): CeremonyOrder {
  const bytes = Buffer.from(JSON.stringify({ ...command, ...change.command }));
  const signers: [KeyObject, string][] =
    change.signers ?? operators.map(({ privateKey }, i) => [privateKey, `operator-${i}`]);
  const described: CeremonyOrder = {
    sessionId: Buffer.alloc(32),
    purpose: 'dkg',
    suite: 1,
    keyId: '',
    epoch: 0,
    threshold: 2,
    members: nodes.map(({ nodeId, key }, i) => ({
      nodeId,
      index: i + 1,
      identityKey: publicKeyBytes(key),
      bootId: bootIds[i] ?? Buffer.alloc(16),
    })),
    batch: 0,
    notAfter: now + 60,
    rnd: Buffer.alloc(32, 7),
    ...{ oldEpoch: 0, dealers: [], receivers: [], newThreshold: 0, pairCounter: 0 },
    command: bytes,
    signatures: signers.map(([key, kid]) => signDetached(key, kid, 'operator-command', bytes)),
    ...change.order,
  };
  const sid =
    change.order?.sessionId ??
    sessionId(sessionStartOf(described, { suite: suiteOf(described), parties: described.members.length }));
  return { ...described, sessionId: sid };
}

function suiteOf({ suite }: CeremonyOrder): 1 | 2 | 3 | 4 {
  const known = parseSuiteId(suite);
  if (known === undefined) throw new Error('no suite');
  return known;
}

const [first, second] = operators;
if (first === undefined || second === undefined) throw new Error('two operators');

describe('checkKeygenOrder', () => {
  it('agrees to exactly what enough operators signed', () => {
    expect(checkKeygenOrder(order(), policy, now)).toMatchObject({
      purpose: 'dkg',
      threshold: 2,
      parties: 3,
    });
  });

  it.each([
    ['eddsa-ed25519', 3],
    ['bip340-secp256k1', 4],
  ] as const)('agrees to a key for %s', (scheme, suite) => {
    const asked = order({ command: { scheme }, order: { suite } });
    expect(checkKeygenOrder(asked, policy, now)).toMatchObject({ purpose: 'dkg', suite });
  });

  it.each<[string, CeremonyOrder, RegExp]>([
    [
      'one operator of two',
      order({ signers: [[first.privateKey, 'operator-0']] }),
      /1 valid operator signatures/,
    ],
    [
      'one operator twice',
      order({
        signers: [
          [first.privateKey, 'operator-0'],
          [first.privateKey, 'operator-0'],
        ],
      }),
      /1 valid/,
    ],
    [
      'one operator under two names',
      order({
        signers: [
          [first.privateKey, 'operator-0'],
          [first.privateKey, 'operator-1'],
        ],
      }),
      /1 valid/,
    ],
    ['no signature', order({ signers: [] }), /0 valid/],
    [
      'an expired command',
      order({ command: { expiry: new Date((now - 1) * 1000).toISOString() } }),
      /expired/,
    ],
    ['another threshold than was signed', order({ command: { threshold: 3 } }), /differs/],
    [
      'other participants than were signed',
      order({ command: { participants: ['node-1', 'node-3', 'node-2'] } }),
      /differs/,
    ],
    ['fewer members than were signed', order({ order: { members: order().members.slice(0, 2) } }), /differs/],
    [
      'disjoint quorums that nobody asked for',
      order({ command: { participants: ['a', 'b', 'c', 'd'] } }),
      /disjointQuorums/,
    ],
    ['another scheme than was signed', order({ command: { scheme: 'eddsa-ed25519' } }), /differs/],
    ['another suite than the scheme has', order({ order: { suite: 2 } }), /differs/],
    ['another command', order({ command: { what: 'RetireKey' } }), /not valid/],
    ['a session id of another view', order({ order: { sessionId: Buffer.alloc(32, 1) } }), /own view/],
  ])('refuses %s', (_name, asked, reason) => {
    expect(() => checkKeygenOrder(asked, policy, now)).toThrow(reason);
  });
});

describe('checkMembers', () => {
  const view = {
    nodeId: 'node-2',
    bootId: bootIds[1] ?? Buffer.alloc(16),
    now,
    identityOf: (nodeId: string) => {
      const node = nodes.find((known) => known.nodeId === nodeId);
      return node && publicKeyBytes(node.key);
    },
  };

  it('finds the own place', () => {
    expect(checkMembers(order(), view)).toEqual({ index: 2 });
  });

  it.each<[string, CeremonyOrder, RegExp]>([
    ['is over', order({ order: { notAfter: now - 1 } }), /notAfter/],
    ['would last for ever', order({ order: { notAfter: now + 3600 } }), /ahead/],
    [
      'is without this node',
      order({ order: { members: order().members.filter(({ index }) => index !== 2) } }),
      /not a member/,
    ],
    [
      'names a node nobody pinned',
      order({
        order: {
          members: [
            ...order().members,
            { nodeId: 'node-9', index: 4, identityKey: randomBytes(32), bootId: randomBytes(16) },
          ],
        },
      }),
      /PEERS_FILE/,
    ],
    [
      'gives a node another identity',
      order({
        order: {
          members: order().members.map((m) => (m.index === 1 ? { ...m, identityKey: randomBytes(32) } : m)),
        },
      }),
      /identity key/,
    ],
    [
      'names a former process',
      order({
        order: {
          members: order().members.map((m) => (m.index === 2 ? { ...m, bootId: randomBytes(16) } : m)),
        },
      }),
      /former process/,
    ],
  ])('refuses a ceremony that %s', (_name, asked, reason) => {
    expect(() => checkMembers(asked, view)).toThrow(reason);
  });
});
