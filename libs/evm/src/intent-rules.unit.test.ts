import { checkIntentTransaction, type IntentTerms } from './intent-rules';
import { encodeUnsignedTransaction, type UnsignedTransaction } from './unsigned-transaction';

const intent: IntentTerms = {
  keyId: 'k_1',
  path: 'm/0/1',
  chainId: '31337',
  to: '0x3535353535353535353535353535353535353535',
  value: '1000',
  data: '0xabcd',
  gasLimit: '30000',
  maxFeePerGas: '50',
  maxCost: '1501000',
};
const key = { keyId: 'k_1', path: 'm/0/1' };
const transaction = encodeUnsignedTransaction({
  chainId: 31337n,
  nonce: 0,
  to: intent.to,
  value: 1000n,
  data: '0xabcd',
  gasLimit: 30_000n,
  maxFeePerGas: 50n,
  maxPriorityFeePerGas: 1n,
});
const rule = (change: Partial<UnsignedTransaction>, terms: Partial<IntentTerms> = {}, by = key) =>
  checkIntentTransaction({ ...transaction, ...change }, { ...intent, ...terms }, by)?.rule;

describe('checkIntentTransaction', () => {
  it('accepts the transaction at its ceilings', () => {
    expect(rule({})).toBeUndefined();
    expect(rule({ type: 0 })).toBeUndefined();
    expect(rule({ gasLimit: 30_000n }, { gasLimit: undefined })).toBeUndefined();
  });

  it('takes an absent path for the root', () => {
    expect(
      checkIntentTransaction(transaction, { ...intent, path: undefined }, { keyId: 'k_1', path: 'm' }),
    ).toBeUndefined();
  });

  it.each([
    ['type', { type: 1 as const }],
    ['chain', { chainId: 1n }],
    ['destination', { to: null }],
    ['destination', { to: '0x0000000000000000000000000000000000000001' }],
    ['value', { value: 1001n }],
    ['data', { data: '0xabce' }],
    ['access-list', { accessList: [{ address: intent.to, storageKeys: [] }] }],
    ['gas-limit', { gasLimit: 30_001n }],
    ['fee', { maxFeePerGas: 51n }],
  ])('breaks %s on %o', (name, change) => {
    expect(rule(change)).toBe(name);
  });

  it('breaks max-cost, sender on terms and keys that differ', () => {
    expect(rule({}, { maxCost: '1500999' })).toBe('max-cost');
    expect(rule({}, {}, { keyId: 'k_2', path: 'm/0/1' })).toBe('sender');
    expect(rule({}, {}, { keyId: 'k_1', path: 'm/0/2' })).toBe('sender');
  });
});
