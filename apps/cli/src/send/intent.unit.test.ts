import { amountIn } from '../terminal/option-values';
import { intentOf } from './intent';

const stack = { keyId: 'k_1', chainId: '31337' };
const options = { to: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', data: '0x', maxFeeGwei: '2' };

describe('intentOf', () => {
  it('bounds the cost of a transfer by value and 21,000 gas', () => {
    expect(intentOf({ ...options, ether: '1000' }, stack)).toEqual({
      ...{ keyId: 'k_1', chainId: '31337', to: options.to, value: '1000', data: '0x' },
      ...{ maxFeePerGas: '2', maxCost: '43000' },
    });
  });

  it('bounds the cost of a call by its gas limit', () => {
    expect(intentOf({ ...options, data: '0x00', gasLimit: 90_000 }, stack)).toMatchObject({
      gasLimit: '90000',
      maxCost: '180000',
    });
  });

  it('takes the given ceiling, path, id and confirmations', () => {
    const given = { path: 'm/1', id: 'payout-7', maxCost: '5', confirmations: 3 };
    expect(intentOf({ ...options, ...given }, stack)).toMatchObject({
      ...{ keyId: 'k_1', path: 'm/1', intentId: 'payout-7', maxCost: '5', confirmations: 3 },
    });
  });

  it('refuses two amounts', () => {
    expect(() => intentOf({ ...options, value: '1', ether: '1' }, stack)).toThrow('not both');
  });
});

describe('amountIn', () => {
  it.each([
    ['0.001', '1000000000000000'],
    ['1', '1000000000000000000'],
    ['0.000000000000000001', '1'],
    ['123456789.5', '123456789500000000000000000'],
  ])('reads %s ether exactly', (text, wei) => {
    expect(amountIn('ether', 18)(text)).toBe(wei);
  });

  it.each(['', '-1', '1e3', '.5', '0.0000000000000000001', '1,5'])('refuses %s', (text) => {
    expect(() => amountIn('ether', 18)(text)).toThrow('ether');
  });
});
