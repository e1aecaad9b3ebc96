import { verdictOfError, verdictOfResult } from './send-verdict';

const hash = `0x${'ab'.repeat(32)}`;
const rpc = (message: string) =>
  Object.assign(new Error('could not coalesce error'), { error: { code: -32003, message } });

describe('verdictOfResult', () => {
  it('accepts only our own hash', () => {
    expect(verdictOfResult(hash, hash)).toEqual({ kind: 'accepted' });
    expect(verdictOfResult(null, hash).kind).toBe('ambiguous');
    expect(verdictOfResult(`0x${'cd'.repeat(32)}`, hash).kind).toBe('ambiguous');
  });
});

describe('verdictOfError', () => {
  it.each(['already known', 'transaction already imported', 'AlreadyKnown', 'Known transaction'])(
    'knows "%s"',
    (text) => {
      expect(verdictOfError(rpc(text)).kind).toBe('known');
    },
  );

  it.each([
    'nonce too low',
    'nonce too low: next nonce 5, tx nonce 4',
    'Transaction nonce is too low. Try incrementing the nonce.',
  ])('takes "%s" for a used nonce', (text) => {
    expect(verdictOfError(rpc(text)).kind).toBe('nonce-used');
  });

  it.each([
    ['max fee per gas less than block base fee: address 0x0, maxFeePerGas: 1, baseFee: 7', 'fee-below-base'],
    ['replacement transaction underpriced', 'replacement-underpriced'],
    ['transaction underpriced: tip needed 1, tip permitted 0', 'underpriced'],
    ['insufficient funds for gas * price + value: have 0 want 1', 'insufficient-funds'],
    ['Insufficient funds for gas * price + value', 'insufficient-funds'],
    ['intrinsic gas too low', 'intrinsic-gas'],
    ['exceeds block gas limit', 'gas-above-block-limit'],
    ['tx fee (1.50 ether) exceeds the configured cap (1.00 ether)', 'fee-cap'],
    ['txpool is full', 'pool-full'],
    ['invalid chain id for signer: have 1 want 31337', 'wrong-chain'],
    ['transaction type not supported', 'not-allowed'],
  ])('takes "%s" for %s', (text, reason) => {
    expect(verdictOfError(rpc(text))).toMatchObject({ kind: 'rejected', reason });
  });

  it('takes everything else for maybe sent', () => {
    for (const error of [
      rpc('internal error'),
      Object.assign(new Error('timeout'), { code: 'TIMEOUT' }),
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      new Error('server response 503'),
      'nothing',
    ]) {
      expect(verdictOfError(error).kind).toBe('ambiguous');
    }
  });
});
