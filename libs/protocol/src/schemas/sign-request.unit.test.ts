import { schemaIssues } from '../record/schema-issues';
import { signRequestSchema } from './sign-request';

const valid = {
  requestId: 'order-1042',
  requester: 'alice',
  keyId: 'k_7f3a',
  path: 'm/44/60/0/0/7',
  payload: { kind: 'eip191', message: '0x68656c6c6f' },
  nonce: `0x${'ab'.repeat(32)}`,
  expiresAt: '2026-12-01T12:00:00Z',
};

function issues(changes: object): string {
  const parsed = signRequestSchema.safeParse({ ...valid, ...changes });
  return parsed.success ? 'valid' : schemaIssues(parsed.error).join('; ');
}

const signed = { bytes: 'e30', jws: 'eyJ9..AAAA' };
const typedData = {
  types: { Mail: [{ name: 'to', type: 'string' }] },
  primaryType: 'Mail',
  domain: {},
  message: { to: 'Bob' },
};

describe('payload kinds', () => {
  test.each([
    [{ kind: 'evm-transaction', unsigned: '0x02f8' }],
    [{ kind: 'eip191', message: '0x' }],
    [{ kind: 'eip712', typedData }],
    [{ kind: 'digest', digest: `0x${'00'.repeat(32)}` }],
    [{ kind: 'bytes', message: '0xff' }],
    [{ kind: 'evm-intent', unsigned: '0x02', intent: signed }],
    [{ kind: 'evm-intent', unsigned: '0x02', intent: signed, amendments: [signed] }],
    [{ kind: 'evm-intent', unsigned: '0x02', intent: signed, approvals: [signed.jws] }],
    [{ kind: 'evm-cancel', unsigned: '0x02' }],
  ])('%j is well formed', (payload) => {
    expect(issues({ payload })).toBe('valid');
  });

  test('typed data keeps every member', () => {
    const parsed = signRequestSchema.parse({
      ...valid,
      payload: { kind: 'eip712', typedData: { ...typedData, more: [1] } },
    });
    expect(parsed.payload).toEqual({ kind: 'eip712', typedData: { ...typedData, more: [1] } });
  });
});

describe('refusals name the field and what it must be', () => {
  test.each([
    [{ requestId: 7 }, /^requestId: must be 1 to 100 characters/],
    [{ requestId: 'a b' }, /^requestId: must be 1 to 100 characters/],
    [{ requestId: 'a'.repeat(101) }, /^requestId: /],
    [{ keyId: undefined }, /^keyId: must be/],
    [{ path: "m/44'/60" }, /^path: must not have hardened steps/],
    [{ path: 'm/44h/60' }, /^path: must not have hardened steps/],
    [{ path: 'm/2147483648' }, /^path: must have every index below 2147483648/],
    [{ path: 'm/99999999999999999999' }, /^path: must have every index below/],
    [{ path: `m${'/1'.repeat(11)}` }, /^path: must have at most 10 levels/],
    [{ path: `m${'/1'.repeat(100_000)}` }, /^path: must have at most 10 levels/],
    [{ path: '44/60' }, /^path: must be m, then/],
    [{ path: 'm/' }, /^path: must be m, then/],
    [{ path: 'm/01' }, /^path: must be m, then/],
    [{ path: 'm/-1' }, /^path: must be m, then/],
    [{ path: ['m'] }, /^path: must be a derivation path as a string/],
    [{ nonce: '0x00' }, /^nonce: must be exactly 32 bytes/],
    [{ nonce: `0x${'AB'.repeat(32)}` }, /^nonce: .*lowercase/],
    [{ nonce: 5 }, /^nonce: must be exactly 32 bytes/],
    [{ expiresAt: '2026-12-01' }, /^expiresAt: must be an RFC 3339 time in UTC/],
    [{ expiresAt: '2026-12-01T12:00:00+01:00' }, /^expiresAt: must be an RFC 3339 time in UTC/],
    [{ expiresAt: '2026-02-30T12:00:00Z' }, /^expiresAt: .*does not exist/],
    [{ expiresAt: '0000-01-01T12:00:00Z' }, /^expiresAt: .*does not exist/],
    [{ expiresAt: '2026-02-03T25:00:00Z' }, /^expiresAt: .*does not exist/],
    [{ expiresAt: 1_764_590_400 }, /^expiresAt: must be an RFC 3339 time/],
    [{ payload: undefined }, /^payload: must be an object whose kind is/],
    [{ payload: { kind: 'eth_sign' } }, /^payload(\.kind)?: must be an object whose kind is evm-transaction/],
    [{ payload: 'eip191' }, /^payload: must be an object whose kind is/],
    [{ payload: { kind: 'eip191', message: 'hello' } }, /^payload\.message: must be bytes as lowercase hex/],
    [{ payload: { kind: 'eip191', message: '0xabc' } }, /^payload\.message: must be bytes/],
    [{ payload: { kind: 'eip712', typedData: [] } }, /^payload\.typedData: must be EIP-712 typed data/],
    [{ payload: { kind: 'eip712', typedData: {} } }, /^payload\.typedData\.types: must be an object/],
    [{ payload: { kind: 'digest', digest: '0x00' } }, /^payload\.digest: must be exactly 32 bytes/],
    [{ payload: { kind: 'evm-intent', unsigned: '0x', intent: 'e30' } }, /^payload\.intent: /],
    [
      { payload: { kind: 'evm-intent', unsigned: '0x', intent: signed, amendments: Array(9).fill(signed) } },
      /^payload\.amendments: must be at most 8/,
    ],
  ])('%j', (changes, expected) => {
    expect(issues(changes)).toMatch(expected);
  });
});

test('unknown members are ignored, and the path may be left out', () => {
  const parsed = signRequestSchema.parse({ ...valid, path: undefined, note: 'x' });
  expect(parsed).not.toHaveProperty('note');
  expect(parsed.path).toBeUndefined();
});
