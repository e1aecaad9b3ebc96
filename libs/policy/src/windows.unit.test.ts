import { contractFunction, encodeCall } from '@quorate/evm';
import fc from 'fast-check';
import { evaluatePolicy } from './evaluate';
import { ADDRESS, alice, OTHER, TOKEN, transfer } from './testing/entries';
import { type Charge, checkWindow } from './windows';

const entry = alice({
  chains: ['*'],
  transactions: {
    1: {
      value: {
        windows: [
          { period: '1h', max: '10' },
          { period: '24h', max: '25' },
        ],
      },
      tokens: [{ token: TOKEN, functions: ['transfer', 'approve'], windows: [{ period: '7d', max: '100' }] }],
    },
    '*': { value: { windows: [{ period: '1m', max: '1' }] } },
  },
});
const charges = (change: Parameters<typeof transfer>[0], by = entry): readonly Charge[] => {
  const decision = evaluatePolicy(by, transfer(change));
  return decision.allowed ? decision.charges : [];
};

describe('what a transaction charges', () => {
  it('is its value, to every window of its chain', () => {
    expect(charges({ value: 7n })).toMatchObject([
      {
        rule: 'value-window',
        meter: 'value/1',
        amount: 7n,
        windows: [
          { period: '1h', seconds: 3600, max: 10n },
          { period: '24h', seconds: 86_400, max: 25n },
        ],
      },
    ]);
  });

  it('is counted apart on each chain that shares the rules of "*"', () => {
    expect(charges({ chainId: 5n })).toMatchObject([{ meter: 'value/5' }]);
    expect(charges({ chainId: 6n })).toMatchObject([{ meter: 'value/6' }]);
  });

  it.each(['transfer', 'approve'])('is what it moves of a token by %s', (name) => {
    const data = encodeCall(contractFunction(`${name}(address,uint256)`), [ADDRESS, 40n]);
    expect(charges({ to: TOKEN, data, value: 0n })).toMatchObject([
      {
        rule: 'token-window',
        meter: `token/1/${TOKEN}`,
        amount: 40n,
        windows: [{ period: '7d', max: 100n }],
      },
    ]);
    expect(charges({ to: TOKEN, data, value: 2n }).map(({ meter }) => meter)).toEqual([
      'value/1',
      `token/1/${TOKEN}`,
    ]);
  });

  it('is nothing without value, or without windows', () => {
    expect(charges({ value: 0n })).toEqual([]);
    expect(charges({ to: OTHER }, alice())).toEqual([]);
  });
});

describe('checkWindow', () => {
  it('allows exactly what does not exceed the limit', () => {
    const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(amount, amount, amount, (used, asked, max) => {
        const charge: Charge = {
          rule: 'value-window',
          meter: 'value/1',
          unit: 'wei',
          amount: asked,
          windows: [],
        };
        const found = checkWindow(charge, { period: '1h', seconds: 3600, max }, used);
        expect(found.allowed).toBe(used <= max - asked);
        expect(found.reason).toContain(String(max));
      }),
    );
  });
});
