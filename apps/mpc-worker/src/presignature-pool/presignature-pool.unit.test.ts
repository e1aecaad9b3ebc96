import { generateKey, presign, testNodes } from '../testing/test-nodes';
import { MOST_PRESIGNATURES, PresignaturePool } from './presignature-pool';

const nodes = testNodes(2);
const key = generateKey(nodes, 2);
const facts = {
  keyId: 'k_1',
  epoch: 0,
  committee: nodes.map(({ identity }) => identity.nodeId),
  committeeIndices: [1, 2],
  bootIds: new Map<string, Buffer>(),
};

function poolWith(batch: number) {
  const made = presign(key, nodes, batch).get(1);
  if (made === undefined) throw new Error('no presignatures');
  const pool = new PresignaturePool();
  pool.add(made, facts);
  return { pool, ids: made.presignatures.map(({ presignatureId }) => presignatureId) };
}

test('what is taken is gone for ever', () => {
  const { pool, ids } = poolWith(2);
  const [first = Buffer.of(), second = Buffer.of()] = ids;
  expect(pool.take(first)?.oneShot.id).toEqual(first);
  expect(pool.take(first)).toBeUndefined();
  expect(pool.find(first)).toBeUndefined();
  expect(pool.list().map((batch) => PresignaturePool.unspentBitmap(batch))).toEqual([Buffer.of(0b10)]);
  pool.take(second);
  expect(pool.list()).toEqual([]);
});

test('has room for so many, what is spent makes room', () => {
  const { pool, ids } = poolWith(2);
  expect(pool.hasRoomFor(MOST_PRESIGNATURES - 2)).toBe(true);
  expect(pool.hasRoomFor(MOST_PRESIGNATURES - 1)).toBe(false);
  pool.take(ids[0] ?? Buffer.of());
  expect(pool.hasRoomFor(MOST_PRESIGNATURES - 1)).toBe(true);
  pool.discard(() => true);
  expect(pool.hasRoomFor(MOST_PRESIGNATURES)).toBe(true);
});

test('what is discarded is wiped', () => {
  const { pool, ids } = poolWith(1);
  const [batch] = pool.list();
  const [kept] = batch?.presignatures ?? [];
  pool.discard(({ keyId }) => keyId === 'k_1');
  if (kept?.kind !== 'presignature') throw new Error('no presignature');
  expect([...kept.presignature.phi].every((byte) => byte === 0)).toBe(true);
  expect(pool.take(ids[0] ?? Buffer.of())).toBeUndefined();
});
