import { RpcErrorTaxonomy } from './rpc-error-taxonomy';
import { rpcErrorMessage, verdictOfError, verdictOfResult } from './send-verdict';

const hash = `0x${'ab'.repeat(32)}`;
const taxonomy = new RpcErrorTaxonomy();
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
  it.each([
    ['already known', { kind: 'known' }],
    ['nonce too low', { kind: 'nonce-used', message: 'nonce too low' }],
    ['txpool is full', { kind: 'rejected', reason: 'pool-full', message: 'txpool is full' }],
    ['node is syncing', { kind: 'ambiguous', endpointFailed: true, message: 'node is syncing' }],
  ])('reads "%s"', (text, verdict) => {
    expect(verdictOfError(rpc(text), taxonomy)).toEqual(verdict);
  });

  it('gives texts that nobody knows a fingerprint, and does not blame the endpoint', () => {
    const verdict = verdictOfError(rpc('the moon is in shadow 17'), taxonomy);
    expect(verdict).toMatchObject({
      ...{ kind: 'ambiguous', endpointFailed: false },
      unknown: { shape: 'the moon is in shadow #' },
    });
  });

  it('takes everything without a JSON-RPC error for maybe sent, and for a failure of the endpoint', () => {
    for (const error of [
      Object.assign(new Error('timeout'), { code: 'TIMEOUT' }),
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      new Error('server response 503'),
      'nothing',
    ]) {
      expect(verdictOfError(error, taxonomy)).toMatchObject({ kind: 'ambiguous', endpointFailed: true });
    }
  });
});

describe('rpcErrorMessage', () => {
  it('hides URLs, which may hold keys', () => {
    const text = rpcErrorMessage(rpc('upstream https://rpc.example.org/v3/secret failed'));
    expect(text).toBe('upstream [url] failed');
  });
});
