import { isStuck } from './stuck-transactions';

const at = (number: number) => ({ number });

describe('a transaction is stuck', () => {
  it('when pools call it too cheap, once in each block, as often as they do', () => {
    expect(isStuck({ isUnderpriced: true }, at(10))).toBe(true);
    expect(isStuck({ isUnderpriced: true, replacedAtHead: 10 }, at(10))).toBe(false);
    expect(isStuck({ isUnderpriced: true, replacedAtHead: 10 }, at(11))).toBe(true);
    expect(isStuck({ isUnderpriced: true, firstTakenAtHead: 9, replacedAtHead: 11 }, at(12))).toBe(true);
  });

  it('when three blocks passed it by since a pool had it, or since it was last replaced', () => {
    expect(isStuck({ isUnderpriced: false }, at(99))).toBe(false);
    expect(isStuck({ isUnderpriced: false, firstTakenAtHead: 10 }, at(12))).toBe(false);
    expect(isStuck({ isUnderpriced: false, firstTakenAtHead: 10 }, at(13))).toBe(true);
    expect(isStuck({ isUnderpriced: false, firstTakenAtHead: 10, replacedAtHead: 12 }, at(14))).toBe(false);
    expect(isStuck({ isUnderpriced: false, firstTakenAtHead: 10, replacedAtHead: 12 }, at(15))).toBe(true);
  });
});
