import { gapEntry } from '../log-entry/read-entry';
import { storyOrder } from './story';

const at = (log: number, index: bigint, second: number) => ({
  ...gapEntry(log, index),
  occurredAt: new Date(second * 1000),
});

describe('storyOrder', () => {
  it('is the order of the log, whatever the clocks said', () => {
    const entries = [at(0, 1n, 9), at(0, 2n, 3)];
    expect(storyOrder(entries)).toEqual(entries);
  });

  it('is the order of time between logs', () => {
    const [a, b, c] = [at(0, 5n, 1), at(0, 6n, 7), at(1, 0n, 4)];
    expect(storyOrder([a, b, c])).toEqual([a, c, b]);
  });
});
