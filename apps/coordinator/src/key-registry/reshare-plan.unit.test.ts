import { type Membership } from './published-certificate';
import { planReshare, type ReshareSituation } from './reshare-plan';

const identityOf = (node: string) => (node.startsWith('node-') ? node.slice(5).repeat(64) : undefined);
const nodeOf = (identity: string) => `node-${identity.slice(0, 1)}`;

/** @param parties node number by index, of each epoch from the newest on */
function membership(threshold: number, ...epochs: Record<number, number>[]): Membership {
  const [parties = {}, ...former] = epochs;
  const identities = Object.entries(parties).map(([index, node]): [number, Buffer] => [
    Number(index),
    Buffer.from(identityOf(`node-${node}`) ?? '', 'hex'),
  ]);
  const previous = former.length === 0 ? undefined : membership(threshold, ...former);
  return { threshold, identities: new Map(identities), previous };
}

function situation(change: Partial<ReshareSituation>): ReshareSituation {
  return {
    certificate: membership(2, { 1: 1, 2: 2, 3: 3 }),
    participants: ['node-1', 'node-2', 'node-3'],
    identityOf,
    nodeOf,
    isReady: () => true,
    ...change,
  };
}

test('a refresh is dealt by all members to all members', () => {
  expect(planReshare(situation({}), true)).toEqual({
    kind: 'ready',
    members: [
      { node: 'node-1', index: 1 },
      { node: 'node-2', index: 2 },
      { node: 'node-3', index: 3 },
    ],
    dealers: [1, 2, 3],
    receivers: [1, 2, 3],
  });
});

test('a refresh waits for a member that is away, and says for whom', () => {
  const isReady = (node: string) => node !== 'node-3';
  expect(planReshare(situation({ isReady }), true)).toEqual({
    kind: 'postponed',
    reason: 'not ready: node-3',
  });
});

test('a lost node is replaced: t of those that stay deal, the new one gets the next index', () => {
  const isReady = (node: string) => node !== 'node-1';
  const plan = planReshare(situation({ isReady, participants: ['node-4', 'node-2', 'node-3'] }), false);
  expect(plan).toEqual({
    kind: 'ready',
    members: [
      { node: 'node-2', index: 2 },
      { node: 'node-3', index: 3 },
      { node: 'node-4', index: 4 },
    ],
    dealers: [2, 3],
    receivers: [2, 3, 4],
  });
});

test('a node that leaves deals only when those that stay are too few', () => {
  const plan = planReshare(situation({ participants: ['node-3', 'node-5'] }), false);
  expect(plan).toMatchObject({ dealers: [1, 3], receivers: [3, 4] });
  expect(plan).toMatchObject({ members: [{ index: 1 }, { index: 3 }, { node: 'node-5', index: 4 }] });
});

test('an index is never given to another node, however long ago its node left', () => {
  const certificate = membership(2, { 1: 1, 2: 2 }, { 1: 1, 2: 2, 5: 6 }, { 1: 1, 2: 2, 3: 3 });
  const participants = ['node-1', 'node-2', 'node-8', 'node-6', 'node-9'];
  const plan = planReshare(situation({ certificate, participants }), false);
  expect(plan).toMatchObject({ receivers: [1, 2, 5, 6, 7] });
  expect(plan).toMatchObject({
    members: [
      { node: 'node-1' },
      { node: 'node-2' },
      { node: 'node-6' },
      { node: 'node-8' },
      { node: 'node-9' },
    ],
  });
});

test('fewer present members than the threshold cannot deal', () => {
  const isReady = (node: string) => node === 'node-1' || node === 'node-4';
  expect(planReshare(situation({ isReady, participants: ['node-1', 'node-4'] }), false)).toEqual({
    kind: 'postponed',
    reason: '1 of 3 present members are ready; 2 must deal',
  });
});

test('a node that nobody knows makes it impossible', () => {
  expect(planReshare(situation({ participants: ['node-1', 'stranger'] }), false)).toEqual({
    kind: 'impossible',
    reason: 'no such node: stranger',
  });
});
