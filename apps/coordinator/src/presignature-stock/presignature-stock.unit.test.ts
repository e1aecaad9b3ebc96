import { fromHex, toHex } from '@quorate/protocol';
import { nonceIdOf, presignatureIdOf } from '@quorate/threshold';
import { type PresignBatch } from '../ports/presign-batches.port';
import { PresignatureStock } from './presignature-stock';
import { firstUnspentTail } from './stock-reconciliation';

const BOOTS: Record<string, string> = { a: '0x0a', b: '0x0b', c: '0x0c' };

function batch(n: number, committee: string[], size = 2, nextIndex = 0): PresignBatch {
  return {
    sessionId: `0x${n.toString(16).padStart(64, '0')}`,
    keyId: 'k_1',
    epoch: 0,
    committee,
    bootIds: Object.fromEntries(committee.map((node) => [node, BOOTS[node] ?? ''])),
    h2: `0x${'02'.repeat(32)}`,
    material: 'presignatures',
    noncePoints: Array.from({ length: size }, (_, i) => `0x02${i.toString(16).padStart(64, '0')}`),
    nextIndex,
  };
}

function stockOf(
  batches: PresignBatch[],
  change: Partial<ConstructorParameters<typeof PresignatureStock>[0]> = {},
) {
  const stock = new PresignatureStock({
    isLive: (node, bootId) => BOOTS[node] === bootId,
    hasDeadPair: () => false,
    isAvoided: () => false,
    canAvoid: () => true,
    doubts: () => 0,
    load: () => 0,
    isCurrent: (_keyId, epoch) => epoch === 0,
    ...change,
  });
  stock.add(batches);
  return stock;
}

test('gives every presignature once, in order, with an id of its own', () => {
  const stock = stockOf([batch(1, ['a', 'b'], 3)]);
  const taken = [1, 2, 3].map(() => stock.take('k_1'));
  expect(taken.map((reservation) => reservation?.index)).toEqual([0, 1, 2]);
  expect(new Set(taken.map((reservation) => reservation?.presignatureId)).size).toBe(3);
  expect(stock.take('k_1')).toBeUndefined();
});

test.each([
  ['presignatures', presignatureIdOf],
  ['nonces', nonceIdOf],
] as const)('%s have the ids that the nodes know them by', (material, idOf) => {
  const { sessionId, h2, ...rest } = batch(1, ['a', 'b']);
  const stock = stockOf([{ ...rest, sessionId, h2, material }]);
  const ids = [0, 1].map((place) => toHex(idOf(fromHex(sessionId), fromHex(h2), place)));
  expect([stock.take('k_1'), stock.take('k_1')].map((taken) => taken?.presignatureId)).toEqual(ids);
});

test('goes on where the batch was left', () => {
  expect(stockOf([batch(1, ['a', 'b'], 3, 2)]).take('k_1')?.index).toBe(2);
});

test('takes of the committee with the most stock', () => {
  const stock = stockOf([batch(1, ['a', 'b'], 2), batch(2, ['b', 'c'], 5)]);
  expect(stock.take('k_1')?.committee).toEqual(['b', 'c']);
});

test('never asks excluded, absent or restarted nodes', () => {
  const stock = stockOf([batch(1, ['a', 'b']), batch(2, ['b', 'c'])], { isLive: (node) => node !== 'c' });
  expect(stock.available('k_1')).toBe(2);
  expect(stock.take('k_1', { excluded: ['a'], missing: [], reluctance: () => 0 })).toBeUndefined();
  expect(stock.take('k_1')?.committee).toEqual(['a', 'b']);
});

test('prefers committees that the request wants and nobody doubts', () => {
  const wish = {
    excluded: [],
    missing: [],
    reluctance: (committee: readonly string[]) => (committee.includes('a') ? 1 : 0),
  };
  expect(stockOf([batch(1, ['a', 'b'], 9), batch(2, ['b', 'c'])]).take('k_1', wish)?.committee).toEqual([
    'b',
    'c',
  ]);
  const doubts = (committee: readonly string[]) => (committee.includes('c') ? 1 : 0);
  expect(stockOf([batch(1, ['a', 'b']), batch(2, ['b', 'c'], 9)], { doubts }).take('k_1')?.committee).toEqual(
    ['a', 'b'],
  );
});

test('leaves avoided nodes alone while others can presign, and asks them when nobody else can', () => {
  const batches = () => [batch(1, ['a', 'b'], 2), batch(2, ['b', 'c'], 5)];
  const isAvoided = (_keyId: string, node: string) => node === 'c';
  const stock = stockOf(batches(), { isAvoided });
  expect(stock.available('k_1')).toBe(2);
  expect([stock.take('k_1'), stock.take('k_1')].map((taken) => taken?.committee)).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(stock.take('k_1')).toBeUndefined();
  const noOther = stockOf(batches(), { isAvoided, canAvoid: () => false });
  expect(noOther.available('k_1')).toBe(7);
  expect(noOther.take('k_1')?.committee).toEqual(['b', 'c']);
});

test('leaves nodes alone that left this request without an answer, while others can presign', () => {
  const wish = { excluded: [], missing: ['a'], reluctance: () => 0 };
  const batches = () => [batch(1, ['a', 'b'], 9), batch(2, ['b', 'c'], 1)];
  const stock = stockOf(batches());
  expect(stock.take('k_1', wish)?.committee).toEqual(['b', 'c']);
  expect(stock.take('k_1', wish)).toBeUndefined();
  const canAvoid = (_keyId: string, nodes: readonly string[]) => !nodes.includes('a');
  expect(stockOf([batch(1, ['a', 'b'])], { canAvoid }).take('k_1', wish)?.committee).toEqual(['a', 'b']);
});

test('asks a node that owes many answers less gladly', () => {
  const load = (node: string) => (node === 'c' ? 40 : 8);
  const stock = stockOf([batch(1, ['a', 'b'], 2), batch(2, ['b', 'c'], 9)], { load });
  expect(stock.take('k_1')?.committee).toEqual(['a', 'b']);
});

test('gives out nothing of another epoch', () => {
  expect(stockOf([{ ...batch(1, ['a', 'b']), epoch: 1 }]).take('k_1')).toBeUndefined();
});

test('skips what a member has spent', () => {
  const stock = stockOf([batch(1, ['a', 'b'], 3)]);
  stock.skip(batch(1, []).sessionId, 2);
  expect(stock.take('k_1')?.index).toBe(2);
});

test.each([
  [[0b111], 3, 0],
  [[0b110], 3, 1],
  [[0b101], 3, 2],
  [[0b011], 3, 3],
  [[0xff, 0b0001], 12, 12],
  [[0xfe, 0b1111], 12, 1],
])('bitmap %j of %i presignatures: the unspent tail begins at %i', (bytes, count, expected) => {
  expect(firstUnspentTail(Buffer.from(bytes), count)).toBe(expected);
});
