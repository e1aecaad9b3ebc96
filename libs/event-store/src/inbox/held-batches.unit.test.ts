import { emptyBatch, testBatch } from '../testing/test-batch';
import { HeldBatches } from './held-batches';

const shape = (held: HeldBatches) =>
  held
    .with([])
    .map(({ partition, firstOffset, records, nextOffset }) => [
      partition,
      firstOffset,
      records.map(({ offset }) => offset),
      nextOffset,
    ]);

describe('HeldBatches', () => {
  let held: HeldBatches;

  beforeEach(() => {
    held = new HeldBatches();
    held.hold([testBatch(5n, ['a', 'b'])]);
  });

  it('merges batches of a partition that follow each other', () => {
    held.hold([testBatch(7n, ['c']), emptyBatch(0n, 3n, 1)]);
    expect(shape(held)).toEqual([
      [0, 5n, [5n, 6n, 7n], 8n],
      [1, 0n, [], 3n],
    ]);
  });

  it('goes on holding what it gave out', () => {
    expect(held.with([testBatch(7n, ['c'])])[0]?.nextOffset).toBe(8n);
    expect(shape(held)).toEqual([[0, 5n, [5n, 6n], 7n]]);
  });

  it('replaces what is held by a batch that was read again', () => {
    held.hold([testBatch(5n, ['a', 'b', 'c'])]);
    expect(shape(held)).toEqual([[0, 5n, [5n, 6n, 7n], 8n]]);
  });

  it('drops partitions', () => {
    held.hold([emptyBatch(0n, 3n, 1)]);
    held.drop([0, 7]);
    expect(shape(held)).toEqual([[1, 0n, [], 3n]]);
  });

  it.each([
    [5n, [[0, 5n, [5n, 6n], 7n]]],
    [6n, [[0, 6n, [6n], 7n]]],
    [7n, []],
    [9n, []],
    [4n, []],
  ])('keeps what follows the inbox position %s', (position, expected) => {
    held.startAt(0, position);
    expect(shape(held)).toEqual(expected);
  });
});
