import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import { policyFile } from '@quorate/policy';
import { type OperatorCommandInput, signDetached } from '@quorate/protocol';
import { type Certificate, sessionId } from '@quorate/threshold';
import { type KeyEpoch, keyEpochOf } from '../key-share/key-epoch';
import { generateKey, type TestNode, testNodes } from '../testing/test-nodes';
import { type CeremonyOrder, sessionStartOf } from './ceremony-order';
import { checkRekeyOrder } from './check-rekey';
import { checkReshareOrder, type KnownKey } from './check-reshare';

const now = Math.floor(Date.now() / 1000);
const operators = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const policy = policyFile.parse({
  version: 1,
  reshare: { minimumThreshold: 2 },
  operators: {
    required: 2,
    keys: operators.map(({ publicKey }, i) => ({ kid: `operator-${i}`, publicKey: identityJwk(publicKey) })),
  },
  requesters: [],
});
const strictPolicy = policyFile.parse({
  version: 1,
  reshare: { minimumThreshold: 3 },
  operators: {
    required: 2,
    keys: operators.map(({ publicKey }, i) => ({ kid: `operator-${i}`, publicKey: identityJwk(publicKey) })),
  },
  requesters: [],
});

const nodes = testNodes(5);
const parties = nodes.slice(0, 3);
const nodeOf = (key: Buffer) => nodes.find(({ publicKey }) => publicKey.equals(key))?.identity.nodeId;

function keyOf(certificate: Certificate): KeyEpoch {
  const key = keyEpochOf(certificate, nodeOf);
  if (key === undefined) throw new Error('unknown members');
  return key;
}
const [share] = generateKey(parties, 2).shares.values();
if (share === undefined) throw new Error('no share');
const key = keyOf(share.certificate);
const known: KnownKey = { newest: key, isRetired: false, lastEpoch: 0 };

type Signed = Pick<CeremonyOrder, 'command' | 'signatures'>;
type Command = Extract<OperatorCommandInput, { what: 'ReshareKey' | 'UnbanPair' }>;
const NO_COMMAND: Signed = { command: Buffer.alloc(0), signatures: [] };

function signed(
  command: object,
  signers: readonly (readonly [KeyObject, string])[] = allOperators(),
): Signed {
  const expiry = new Date((now + 60) * 1000).toISOString();
  const bytes = Buffer.from(JSON.stringify({ expiry, nonce: `0x${'22'.repeat(32)}`, ...command }));
  const signatures = signers.map(([from, kid]) => signDetached(from, kid, 'operator-command', bytes));
  return { command: bytes, signatures };
}
function allOperators(): (readonly [KeyObject, string])[] {
  return operators.map(({ privateKey }, i) => [privateKey, `operator-${i}`] as const);
}
function reshareCommand(change: Partial<Command> = {}): object {
  return {
    ...{ what: 'ReshareKey', keyId: key.keyId, epoch: 0, threshold: 2, disjointQuorums: true },
    ...{ participants: ['node-1', 'node-2', 'node-4'], ...change },
  };
}

/** A refresh, unless the fields say something else. */
function order(fields: Partial<CeremonyOrder> = {}, members: readonly TestNode[] = parties): CeremonyOrder {
  const described: CeremonyOrder = {
    ...{ sessionId: Buffer.alloc(32), purpose: 'reshare', suite: 1, keyId: key.keyId, epoch: 1 },
    ...{ threshold: 2, batch: 0, notAfter: now + 60, rnd: Buffer.alloc(32, 7), pairCounter: 0 },
    ...{ oldEpoch: 0, dealers: [1, 2, 3], receivers: [1, 2, 3], newThreshold: 2, ...NO_COMMAND },
    members: members.map(({ index, publicKey, identity: { nodeId, bootId } }) => {
      return { nodeId, index, identityKey: publicKey, bootId };
    }),
    ...fields,
  };
  const sid = fields.sessionId ?? sessionId(sessionStartOf(described, { ...key, suite: 1 }));
  return { ...described, sessionId: sid };
}
const at = (node: TestNode | undefined, index: number): TestNode => {
  if (node === undefined) throw new Error('no such node');
  return { ...node, index };
};
const [first, second, third, fourth, fifth] = nodes;
/** node-3 is replaced by node-4. */
const replacing = { dealers: [1, 2], receivers: [1, 2, 4] };
const replaced = [at(first, 1), at(second, 2), at(fourth, 4)];

describe('checkReshareOrder', () => {
  it('agrees to a refresh without a command', () => {
    expect(checkReshareOrder(order(), known, policy, now)).toMatchObject({ oldEpoch: 0, epoch: 1 });
  });

  it('agrees to what operators ordered: a node less, another one, another threshold', () => {
    const asked = order({ ...replacing, ...signed(reshareCommand()) }, replaced);
    expect(checkReshareOrder(asked, known, policy, now)).toMatchObject({ receivers: [1, 2, 4] });
  });

  it('gives two that join the next indices in the order of the command', () => {
    const participants = ['node-5', 'node-1', 'node-4'];
    const joining = { dealers: [1, 2], receivers: [1, 4, 5], ...signed(reshareCommand({ participants })) };
    const members = [at(first, 1), at(second, 2), at(fifth, 4), at(fourth, 5)];
    expect(checkReshareOrder(order(joining, members), known, policy, now)).toBeDefined();
    const swapped = [at(first, 1), at(second, 2), at(fifth, 5), at(fourth, 4)];
    expect(() => checkReshareOrder(order(joining, swapped), known, policy, now)).toThrow(/joins the key as/);
  });

  it.each<[string, () => CeremonyOrder, RegExp]>([
    [
      'to other parties without a command',
      () => order({ dealers: [1, 2], receivers: [1, 2] }, [at(first, 1), at(second, 2)]),
      /needs a command/,
    ],
    ['to another threshold without a command', () => order({ newThreshold: 3 }), /needs a command/],
    ['with too few dealers without a command', () => order({ dealers: [1, 2] }), /needs a command/],
    [
      'that one operator of two signed',
      () => order({ ...replacing, ...signed(reshareCommand(), allOperators().slice(0, 1)) }, replaced),
      /1 valid operator signatures/,
    ],
    [
      'of another key',
      () => order({ ...replacing, ...signed(reshareCommand({ keyId: `k_${'ab'.repeat(32)}` })) }, replaced),
      /differs from the command/,
    ],
    [
      'that operators signed in another epoch',
      () => order({ ...replacing, ...signed(reshareCommand({ epoch: 3 })) }, replaced),
      /differs from the command/,
    ],
    [
      'to other parties than operators signed',
      () =>
        order(
          { ...replacing, ...signed(reshareCommand({ participants: ['node-1', 'node-2', 'node-5'] })) },
          replaced,
        ),
      /differs from the command/,
    ],
    [
      'to another threshold than operators signed',
      () => order({ ...replacing, newThreshold: 3, ...signed(reshareCommand()) }, replaced),
      /differs from the command/,
    ],
    [
      'with another command',
      () => order(signed({ what: 'RetireKey', keyId: key.keyId, epoch: 0 })),
      /not ReshareKey/,
    ],
    ['from an epoch that is not the newest', () => order({ oldEpoch: 0, epoch: 2, threshold: 3 }), /differ/],
    ['with a number that is used up', () => order({ epoch: 1, oldEpoch: 0 }), /used up/],
    [
      'without a command with a number far ahead, to use all up',
      () => order({ epoch: 1_001 }),
      /too far ahead/,
    ],
    [
      'with a number far ahead, to use all up',
      () => order({ ...replacing, epoch: 10_001, ...signed(reshareCommand()) }, replaced),
      /too far ahead/,
    ],
    [
      'that gives a party the index of another',
      () =>
        order({ ...replacing, receivers: [1, 2, 3], ...signed(reshareCommand()) }, [
          at(first, 1),
          at(second, 2),
          at(fourth, 3),
        ]),
      /was never node-4/,
    ],
    [
      'that gives a party another index than it had',
      () =>
        order(
          {
            dealers: [1, 2],
            receivers: [1, 2, 4],
            ...signed(reshareCommand({ participants: ['node-1', 'node-2', 'node-3'] })),
          },
          [at(first, 1), at(second, 2), at(third, 4)],
        ),
      /another index/,
    ],
    [
      'by a dealer that has no share',
      () => order({ dealers: [1, 4], receivers: [1, 2, 4], ...signed(reshareCommand()) }, replaced),
      /no share to deal/,
    ],
    ['whose session is another', () => order({ sessionId: randomBytes(32) }), /own view/],
  ])('refuses a reshare %s', (name, asked, reason) => {
    const lastEpoch = name.includes('used up') ? 1 : 0;
    const check = () => checkReshareOrder(asked(), { ...known, lastEpoch }, policy, now);
    expect(check).toThrow(reason);
  });

  it('refuses a threshold below the floor of its own policy, whoever signed', () => {
    const asked = order({ ...replacing, ...signed(reshareCommand()) }, replaced);
    expect(() => checkReshareOrder(asked, known, strictPolicy, now)).toThrow(/no threshold below 3/);
  });

  it('refuses keys that are retired or that it knows nothing of', () => {
    expect(() => checkReshareOrder(order(), { ...known, isRetired: true }, policy, now)).toThrow(/retired/);
    const unknown = { ...known, newest: undefined };
    expect(() => checkReshareOrder(order(), unknown, policy, now)).toThrow(/no certificate/);
  });

  it('ends refreshes before the certificate is full, and leaves room for a reshare by command', () => {
    const long = (links: number): KeyEpoch => {
      let certificate: Certificate = key.certificate;
      for (let epoch = 1; epoch <= links; epoch += 1) {
        certificate = { ...key.certificate, epoch, dealers: [1, 2, 3], previous: certificate };
      }
      return keyOf(certificate);
    };
    const refused = (links: number, commanded: boolean): string | undefined => {
      const fields = { oldEpoch: links, epoch: links + 1 };
      const command = signed(reshareCommand({ epoch: links, participants: ['node-1', 'node-2', 'node-3'] }));
      const asked = order({ ...fields, ...(commanded && command) });
      try {
        checkReshareOrder(asked, { newest: long(links), isRetired: false, lastEpoch: links }, policy, now);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    // 505 bytes for each epoch of three parties.
    expect(refused(770, false)).toBeUndefined();
    expect(refused(790, false)).toMatch(/no room/);
    expect(refused(790, true)).toBeUndefined();
    expect(refused(920, true)).toMatch(/no room/);
  });
});

describe('checkRekeyOrder', () => {
  const held = { ...key, index: 1 };
  const pair = [at(first, 1), at(second, 2)];
  const unban = (change: object = {}): Signed =>
    signed({
      what: 'UnbanPair',
      keyId: key.keyId,
      epoch: 0,
      firstNode: 'node-2',
      secondNode: 'node-1',
      ...change,
    });
  const rekey = (fields: Partial<CeremonyOrder>, members = pair): CeremonyOrder =>
    order({ purpose: 'rekey', epoch: 0, pairCounter: 1, ...fields }, members);

  it('agrees to the pair that operators named', () => {
    expect(checkRekeyOrder(rekey(unban()), held, policy, now)).toMatchObject({ peer: 2 });
  });

  it.each<[string, () => CeremonyOrder, RegExp]>([
    ['without a command', () => rekey({}), /0 valid operator signatures/],
    ['of another pair', () => rekey(unban({ firstNode: 'node-3' })), /differs from the command/],
    ['of another epoch', () => rekey(unban({ epoch: 1 })), /differs from the command/],
    ['with somebody who is no party', () => rekey(unban(), [at(first, 1), at(fourth, 2)]), /is not party 2/],
  ])('refuses a re-key %s', (_, asked, reason) => {
    expect(() => checkRekeyOrder(asked(), held, policy, now)).toThrow(reason);
  });

  it('refuses it for a key that it holds no share of', () => {
    expect(() => checkRekeyOrder(rekey(unban()), undefined, policy, now)).toThrow(/holds no share/);
  });
});
