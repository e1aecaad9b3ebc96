import { type Block } from '@quorate/evm';
import { txIntentSchema, type TxIntentInput } from '@quorate/protocol';

import { type ChainFacts, quoteIntent } from './quote-intent';
import { type IntentSimulation } from './simulations';

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
  hasEarlier: false,
};
const intent = (change: Partial<TxIntentInput> = {}) =>
  txIntentSchema.parse({
    ...{ intentId: 'i', requester: 'alice', keyId: 'k_1', chainId: '31337', value: '1000', data: '0x' },
    ...{ to: '0x3535353535353535353535353535353535353535', gasLimit: '21000' },
    ...{ maxFeePerGas: String(100n * gwei), maxCost: String(10n ** 17n), expiresAt: '2026-12-01T12:10:00Z' },
    ...change,
  });
const succeeds = (gas: bigint): IntentSimulation => ({ kind: 'succeeds', gas });
const reverts: IntentSimulation = { kind: 'reverts', reason: 'execution reverted: too late' };

describe('quoteIntent', () => {
  it('prices for a doubled base fee and the usual tip', () => {
    expect(quoteIntent(intent(), facts)).toEqual({
      ...{ kind: 'go', type: 2, gasLimit: 21_000n, maxFeePerGas: 3n * gwei, maxPriorityFeePerGas: gwei },
    });
  });

  it('uses an estimate with a margin for contracts, within the block', () => {
    const open = intent({ gasLimit: undefined });
    expect(quoteIntent(open, { ...facts, simulation: succeeds(21_000n) })).toMatchObject({
      gasLimit: 21_000n,
    });
    expect(quoteIntent(open, { ...facts, simulation: succeeds(50_000n) })).toMatchObject({
      gasLimit: 60_000n,
    });
    expect(quoteIntent(open, { ...facts, simulation: succeeds(29_000_000n) })).toMatchObject({
      gasLimit: 30_000_000n,
    });
  });

  it('does not believe an estimate below what any call uses', () => {
    for (const gas of [0n, 20_999n]) {
      const quote = quoteIntent(intent({ gasLimit: undefined }), { ...facts, simulation: succeeds(gas) });
      expect(quote).toMatchObject({ kind: 'later' });
    }
  });

  it('waits while the ceiling is below the base fee or the money is not there', () => {
    expect(quoteIntent(intent({ maxFeePerGas: '5' }), facts)).toMatchObject({ kind: 'wait' });
    expect(quoteIntent(intent(), { ...facts, balance: 999n })).toMatchObject({ kind: 'wait' });
    const simulation: IntentSimulation = { kind: 'funds', reason: 'Insufficient funds for transfer' };
    expect(quoteIntent(intent(), { ...facts, simulation })).toMatchObject({ kind: 'wait', code: 'funds' });
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

  it.each([undefined, '50000'])('gives up a call that fails, with gas limit %p', (gasLimit) => {
    const quote = quoteIntent(intent({ gasLimit }), { ...facts, simulation: reverts });
    expect(quote).toEqual({ kind: 'give-up', code: 'would-revert', reason: 'execution reverted: too late' });
  });

  it('tries a call again that may build on what the lane was asked for before', () => {
    const quote = quoteIntent(intent(), { ...facts, simulation: reverts, hasEarlier: true });
    expect(quote).toMatchObject({ kind: 'later', reason: expect.stringContaining('too late') as unknown });
  });

  it('does not decide anything when nobody can simulate', () => {
    const simulation: IntentSimulation = { kind: 'unknown', reason: 'nobody answers' };
    expect(quoteIntent(intent(), { ...facts, simulation })).toMatchObject({ kind: 'later' });
    const late = { ...facts, simulation, now: now + 600_000 };
    expect(quoteIntent(intent(), late)).toMatchObject({
      code: 'expired',
      reason: expect.stringContaining('nobody answers') as unknown,
    });
  });

  it('keeps the gas limit that the client named', () => {
    const quote = quoteIntent(intent({ gasLimit: '50000' }), { ...facts, simulation: succeeds(50_000n) });
    expect(quote).toMatchObject({ kind: 'go', gasLimit: 50_000n });
  });

  it('gives up at the expiry, and says what it waited for', () => {
    const late = { ...facts, now: now + 600_000 };
    expect(quoteIntent(intent(), late)).toMatchObject({ kind: 'give-up', code: 'expired' });
    const waited = quoteIntent(intent({ maxFeePerGas: '5' }), late);
    expect(waited.kind === 'give-up' && waited.reason).toContain('that the chain asks');
  });
});
