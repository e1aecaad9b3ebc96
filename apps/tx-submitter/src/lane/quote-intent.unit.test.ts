import { type Block, type GasEstimate } from '@quorate/evm';
import { txIntentSchema, type TxIntentInput } from '@quorate/protocol';

import { type ChainFacts, quoteIntent } from './quote-intent';

const now = Date.parse('2026-12-01T12:00:00Z');
const gwei = 10n ** 9n;
const head: Block = {
  ...{ number: 1, hash: '0x01', parentHash: '0x00', transactions: [] },
  ...{ baseFeePerGas: gwei, gasUsed: 15_000_000n, gasLimit: 30_000_000n },
};
const facts: ChainFacts = {
  head,
  market: { kind: 'base-fee', baseFee: gwei, tip: gwei },
  balance: 10n ** 18n,
  now,
};
const intent = (change: Partial<TxIntentInput> = {}) =>
  txIntentSchema.parse({
    ...{ intentId: 'i', requester: 'alice', keyId: 'k_1', chainId: '31337', value: '1000', data: '0x' },
    ...{ to: '0x3535353535353535353535353535353535353535', gasLimit: '21000' },
    ...{ maxFeePerGas: String(100n * gwei), maxCost: String(10n ** 17n), expiresAt: '2026-12-01T12:10:00Z' },
    ...change,
  });
const gas = (amount: bigint): GasEstimate => ({ kind: 'gas', gas: amount });

describe('quoteIntent', () => {
  it('prices for a doubled base fee and the usual tip', () => {
    expect(quoteIntent(intent(), facts)).toEqual({
      ...{ kind: 'go', type: 2, gasLimit: 21_000n, maxFeePerGas: 3n * gwei, maxPriorityFeePerGas: gwei },
    });
  });

  it('uses an estimate with a margin for contracts, within the block', () => {
    const open = intent({ gasLimit: undefined });
    expect(quoteIntent(open, { ...facts, estimate: gas(21_000n) })).toMatchObject({ gasLimit: 21_000n });
    expect(quoteIntent(open, { ...facts, estimate: gas(50_000n) })).toMatchObject({ gasLimit: 60_000n });
    expect(quoteIntent(open, { ...facts, estimate: gas(29_000_000n) })).toMatchObject({
      gasLimit: 30_000_000n,
    });
  });

  it('waits while the ceiling is below the base fee or the money is not there', () => {
    expect(quoteIntent(intent({ maxFeePerGas: '5' }), facts)).toMatchObject({ kind: 'wait' });
    expect(quoteIntent(intent(), { ...facts, balance: 999n })).toMatchObject({ kind: 'wait' });
    const poor: GasEstimate = { kind: 'fails', reason: 'Insufficient funds for gas * price + value' };
    expect(quoteIntent(intent({ gasLimit: undefined }), { ...facts, estimate: poor })).toMatchObject({
      kind: 'wait',
    });
  });

  it.each([
    ['fee-ceiling', { maxCost: '999' }],
    ['fee-ceiling', { maxFeePerGas: '0' }],
    ['gas-limit', { gasLimit: '20999' }],
    ['gas-limit', { gasLimit: '21009', data: '0x00' }],
    ['gas-limit', { gasLimit: '30000001' }],
  ])('gives up with %s on %o', (code, change) => {
    expect(quoteIntent(intent(change), facts)).toMatchObject({ kind: 'give-up', code });
  });

  it('gives up a call that fails', () => {
    const estimate: GasEstimate = { kind: 'fails', reason: 'execution reverted' };
    expect(quoteIntent(intent({ gasLimit: undefined }), { ...facts, estimate })).toMatchObject({
      code: 'would-revert',
    });
  });

  it('gives up at the expiry, and says what it waited for', () => {
    const late = { ...facts, now: now + 600_000 };
    expect(quoteIntent(intent(), late)).toMatchObject({ kind: 'give-up', code: 'expired' });
    const waited = quoteIntent(intent({ maxFeePerGas: '5' }), late);
    expect(waited.kind === 'give-up' && waited.reason).toContain('that the chain asks');
  });
});
