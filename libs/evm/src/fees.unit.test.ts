import { type FeeMarket, intrinsicGas, nextBaseFee, quoteFees, usualFees } from './fees';

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

const market = (baseFee: bigint, tip: bigint): FeeMarket => ({ kind: 'base-fee', baseFee, tip });

describe('quoteFees', () => {
  const limits = { value: 0n, gasLimit: 21_000n, maxFeePerGas: 100n * gwei, maxCost: 10n ** 18n };

  it('leaves room for the base fee to double', () => {
    expect(quoteFees(limits, market(gwei, 2n * gwei))).toEqual({
      ...{ kind: 'fees', type: 2 },
      maxFeePerGas: 4n * gwei,
      maxPriorityFeePerGas: 2n * gwei,
    });
  });

  it('stays under both ceilings, the tip giving way first', () => {
    expect(quoteFees({ ...limits, maxFeePerGas: 3n * gwei }, market(2n * gwei, 5n * gwei))).toEqual({
      ...{ kind: 'fees', type: 2 },
      maxFeePerGas: 3n * gwei,
      maxPriorityFeePerGas: gwei,
    });
    const cost = { ...limits, value: 100n, maxCost: 100n + 21_000n * 7n + 20_999n };
    expect(quoteFees(cost, market(5n, 4n))).toEqual({
      ...{ kind: 'fees', type: 2, maxFeePerGas: 7n, maxPriorityFeePerGas: 2n },
    });
  });

  it('waits while the ceiling is below the base fee', () => {
    expect(quoteFees({ ...limits, maxFeePerGas: 9n }, market(10n, 1n))).toEqual({
      kind: 'wait',
      ceiling: 9n,
      needed: 10n,
    });
    expect(quoteFees({ ...limits, maxFeePerGas: 10n }, market(10n, 1n))).toMatchObject({
      kind: 'fees',
      maxPriorityFeePerGas: 0n,
    });
  });

  it('never fits ceilings that leave nothing for gas', () => {
    expect(quoteFees({ ...limits, value: 2n, maxCost: 1n }, market(1n, 1n))).toMatchObject({ kind: 'never' });
    expect(quoteFees({ ...limits, maxCost: 20_999n }, market(1n, 1n))).toMatchObject({ kind: 'never' });
  });
});

describe('on a chain without a base fee', () => {
  const limits = { value: 0n, gasLimit: 21_000n, maxFeePerGas: 100n, maxCost: 10n ** 18n };

  it('offers the gas price of its nodes in a transaction of type 0', () => {
    const fees = { type: 0, maxFeePerGas: 100n, maxPriorityFeePerGas: 100n };
    expect(usualFees({ kind: 'gas-price', gasPrice: 100n })).toEqual(fees);
    expect(quoteFees(limits, { kind: 'gas-price', gasPrice: 100n })).toEqual({ kind: 'fees', ...fees });
  });

  it('waits while the ceiling is below it', () => {
    const waits = { kind: 'wait', ceiling: 100n, needed: 101n };
    expect(quoteFees(limits, { kind: 'gas-price', gasPrice: 101n })).toEqual(waits);
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
