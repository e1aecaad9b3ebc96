import { bumped, priceReplacement } from './price-replacement';

const earlier = [{ maxFeePerGas: 100n, maxPriorityFeePerGas: 10n }];
const usual = { type: 2 as const, maxFeePerGas: 50n, maxPriorityFeePerGas: 5n };

describe('a replacement', () => {
  it('pays an eighth and 1 wei more in both fields, rounded up', () => {
    expect([8n, 9n, 16n, 0n].map(bumped)).toEqual([10n, 12n, 19n, 1n]);
    expect(priceReplacement(earlier, usual, undefined)).toEqual({
      ...{ kind: 'go', type: 2, maxFeePerGas: 114n, maxPriorityFeePerGas: 13n },
    });
  });

  it('is above the highest of all before it', () => {
    const two = [...earlier, { maxFeePerGas: 90n, maxPriorityFeePerGas: 40n }];
    expect(priceReplacement(two, usual, undefined)).toMatchObject({
      maxFeePerGas: 114n,
      maxPriorityFeePerGas: 46n,
    });
  });

  it('follows the market, within the ceiling', () => {
    const dear = { type: 2 as const, maxFeePerGas: 900n, maxPriorityFeePerGas: 300n };
    expect(priceReplacement(earlier, dear, 1000n)).toMatchObject(dear);
    expect(priceReplacement(earlier, dear, 200n)).toMatchObject({
      maxFeePerGas: 200n,
      maxPriorityFeePerGas: 200n,
    });
  });

  it('keeps both fees equal on a chain without a base fee', () => {
    const price = { maxFeePerGas: 100n, maxPriorityFeePerGas: 100n };
    const cheap = { type: 0 as const, maxFeePerGas: 80n, maxPriorityFeePerGas: 80n };
    const dear = { type: 0 as const, maxFeePerGas: 300n, maxPriorityFeePerGas: 300n };
    expect(priceReplacement([price], cheap, undefined)).toEqual({
      ...{ kind: 'go', type: 0, maxFeePerGas: 114n, maxPriorityFeePerGas: 114n },
    });
    expect(priceReplacement([price], dear, 200n)).toMatchObject({
      ...{ maxFeePerGas: 200n, maxPriorityFeePerGas: 200n },
    });
  });

  it('is not made when the ceiling is too low for any', () => {
    expect(priceReplacement(earlier, usual, 113n)).toEqual({ kind: 'capped', needed: 114n });
    expect(priceReplacement([{ maxFeePerGas: 10n, maxPriorityFeePerGas: 10n }], usual, 12n)).toMatchObject({
      kind: 'capped',
    });
  });
});
