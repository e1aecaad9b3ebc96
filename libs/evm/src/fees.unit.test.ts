import { intrinsicGas, nextBaseFee, quoteFees } from './fees';

const gwei = 10n ** 9n;

describe('nextBaseFee', () => {
  it.each([
    ['a full block', 30_000_000n, 1_125_000_000n],
    ['an empty block', 0n, 875_000_000n],
    ['a block at target', 15_000_000n, gwei],
    ['three quarters', 22_500_000n, 1_062_500_000n],
  ])('follows EIP-1559 after %s', (_, gasUsed, expected) => {
    expect(nextBaseFee({ baseFeePerGas: gwei, gasUsed, gasLimit: 30_000_000n })).toBe(expected);
  });

  it('rises by at least one wei', () => {
    expect(nextBaseFee({ baseFeePerGas: 1n, gasUsed: 30n, gasLimit: 30n })).toBe(2n);
  });
});

describe('quoteFees', () => {
  const limits = { value: 0n, gasLimit: 21_000n, maxFeePerGas: 100n * gwei, maxCost: 10n ** 18n };

  it('leaves room for the base fee to double', () => {
    expect(quoteFees(limits, gwei, 2n * gwei)).toEqual({
      kind: 'fees',
      maxFeePerGas: 4n * gwei,
      maxPriorityFeePerGas: 2n * gwei,
    });
  });

  it('stays under both ceilings, the tip giving way first', () => {
    expect(quoteFees({ ...limits, maxFeePerGas: 3n * gwei }, 2n * gwei, 5n * gwei)).toEqual({
      kind: 'fees',
      maxFeePerGas: 3n * gwei,
      maxPriorityFeePerGas: gwei,
    });
    const cost = { ...limits, value: 100n, maxCost: 100n + 21_000n * 7n + 20_999n };
    expect(quoteFees(cost, 5n, 4n)).toEqual({ kind: 'fees', maxFeePerGas: 7n, maxPriorityFeePerGas: 2n });
  });

  it('waits while the ceiling is below the base fee', () => {
    expect(quoteFees({ ...limits, maxFeePerGas: 9n }, 10n, 1n)).toEqual({
      kind: 'wait',
      ceiling: 9n,
      needed: 10n,
    });
    expect(quoteFees({ ...limits, maxFeePerGas: 10n }, 10n, 1n)).toMatchObject({
      kind: 'fees',
      maxPriorityFeePerGas: 0n,
    });
  });

  it('never fits ceilings that leave nothing for gas', () => {
    expect(quoteFees({ ...limits, value: 2n, maxCost: 1n }, 1n, 1n)).toMatchObject({ kind: 'never' });
    expect(quoteFees({ ...limits, maxCost: 20_999n }, 1n, 1n)).toMatchObject({ kind: 'never' });
  });
});

describe('intrinsicGas', () => {
  it.each([
    ['0x', 21_000n],
    ['0x00', 21_010n],
    ['0x0001', 21_050n],
    ['0xff00ff', 21_090n],
  ])('of %s is %i', (data, gas) => {
    expect(intrinsicGas(data)).toBe(gas);
  });
});
