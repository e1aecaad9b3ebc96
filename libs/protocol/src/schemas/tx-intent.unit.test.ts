import { schemaIssues } from '../record/schema-issues';
import { txAmendSchema, txIntentSchema } from './tx-intent';

const valid = {
  intentId: 'payout-77',
  requester: 'alice',
  keyId: 'k_7f3a',
  path: 'm/0/1',
  chainId: '31337',
  to: '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
  value: '1000000000000000',
  data: '0x',
  gasLimit: '21000',
  maxFeePerGas: '100000000000',
  maxCost: '5000000000000000',
  confirmations: 2,
  expiresAt: '2026-12-01T12:00:00Z',
};

function issues(changes: object): string {
  const parsed = txIntentSchema.safeParse({ ...valid, ...changes });
  return parsed.success ? 'valid' : schemaIssues(parsed.error).join('; ');
}

test('gasLimit, path and confirmations are optional', () => {
  expect(issues({ gasLimit: undefined, path: undefined, confirmations: undefined })).toBe('valid');
});

test('an address with the checksum that wallets show is taken, and read in lower case', () => {
  const to = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
  expect(txIntentSchema.parse({ ...valid, to }).to).toBe(valid.to);
  expect(issues({ to: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD' })).toMatch(/^to: .*checksum is wrong/);
});

test.each([
  [{ chainId: 31337 }, /^chainId: must be a decimal string/],
  [{ chainId: '0' }, /^chainId: must be a decimal string/],
  [{ chainId: '9223372036854775772' }, /^chainId: .*2\^63 - 37/],
  [{ chainId: '1'.repeat(1_000_000) }, /^chainId: .*2\^63 - 37/],
  [{ chainId: '0x7a69' }, /^chainId: must be a decimal string/],
  [{ value: 1 }, /^value: must be a decimal string/],
  [{ value: '-1' }, /^value: must be a decimal string/],
  [{ value: '01' }, /^value: must be a decimal string/],
  [{ value: (2n ** 256n).toString() }, /^value: must be a decimal string/],
  [{ gasLimit: (2n ** 64n).toString() }, /^gasLimit: must be a decimal string/],
  [{ to: '0x00' }, /^to: must be an address/],
  [{ to: undefined }, /^to: must be an address/],
  [{ data: '0xz' }, /^data: must be bytes as lowercase hex/],
  [{ confirmations: 0 }, /^confirmations: must be an integer from 1/],
  [{ confirmations: '2' }, /^confirmations: must be an integer from 1/],
  [{ confirmations: 1.5 }, /^confirmations: must be an integer/],
])('%j is refused with its name', (changes, expected) => {
  expect(issues(changes)).toMatch(expected);
});

test('the highest chain id is taken', () => {
  expect(issues({ chainId: '9223372036854775771' })).toBe('valid');
});

describe('amendments', () => {
  const amend = { intentId: 'payout-77', requester: 'alice' };

  test('raise ceilings or cancel', () => {
    expect(txAmendSchema.safeParse({ ...amend, maxFeePerGas: '5' }).success).toBe(true);
    expect(txAmendSchema.safeParse({ ...amend, cancel: true }).success).toBe(true);
  });

  test('must change something', () => {
    const parsed = txAmendSchema.safeParse(amend);
    expect(parsed.success || schemaIssues(parsed.error).join()).toMatch(/^must change something/);
  });
});
