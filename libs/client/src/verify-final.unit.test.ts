import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keyLookup, signDetached } from '@quorate/protocol';
import { deriveChildKey } from './child-key';
import { completedFinal, hex32, testKey, testService } from './testing/fake-installation';
import { verifyFinal } from './verify-final';

const coordinator = testService('coordinator-1');
const coordinators = keyLookup({ 'coordinator-1': coordinator.jwk });
const content = {
  requestId: 'order-1042',
  requester: 'alice',
  keyId: 'k_7f3a',
  payload: { kind: 'eip191', message: '0x68656c6c6f' },
  nonce: `0x${'ab'.repeat(32)}`,
  expiresAt: '2026-12-01T12:00:00Z',
};
const request = Buffer.from(JSON.stringify(content));
const valid = completedFinal(request);

function verify(
  final: object,
  options: { key?: typeof testKey; request?: Buffer; by?: typeof coordinator } = {},
): string {
  const value = Buffer.from(JSON.stringify(final));
  const { privateKey, kid } = options.by ?? coordinator;
  const jws = signDetached(privateKey, kid, 'final', value);
  try {
    return verifyFinal(
      { value, jws },
      { request: options.request ?? request, coordinators, key: options.key },
    ).type;
  } catch (error) {
    return String(error);
  }
}

test('a final that answers the request verifies, also under the derived key', () => {
  expect(verify(valid)).toBe('quorate.sign.completed.v1');
  expect(verify(valid, { key: testKey })).toBe('quorate.sign.completed.v1');
});

test('a rejection of the same bytes verifies', () => {
  const { requester, requestId, requestHash, id } = valid;
  const rejected = {
    type: 'quorate.sign.rejected.v1',
    ...{ id, requester, requestId, requestHash },
    ...{
      code: 'policy',
      reason: 'no',
      details: { rule: 'chain' },
      mayBeSigned: false,
      rejectedAt: valid.completedAt,
    },
  };
  expect(verify(rejected)).toBe('quorate.sign.rejected.v1');
  expect(verify({ ...rejected, requestHash: hex32(1n) })).toMatch(/other bytes/);
});

const { r, s, yParity } = 'r' in valid.signature ? valid.signature : { r: '', s: '', yParity: 0 as const };
const order = secp256k1.Point.CURVE().n;
const otherKey = `0x${Buffer.from(secp256k1.getPublicKey(Buffer.alloc(32, 1))).toString('hex')}`;

test.each<[string, object, RegExp]>([
  ['another requester', { ...valid, requester: 'bob' }, /another requester/],
  ['another requestId', { ...valid, requestId: 'order-1' }, /another requestId/],
  ['other bytes', { ...valid, requestHash: hex32(1n) }, /other bytes/],
  ['another key id', { ...valid, keyId: 'k_other' }, /another key/],
  ['another path', { ...valid, path: 'm/1' }, /another path/],
  ['another digest', { ...valid, digest: hex32(1n) }, /digest/],
  ['no digest', { ...valid, digest: null }, /digest/],
  ['another signature', { ...valid, signature: { r, s: hex32(BigInt(s) - 1n), yParity } }, /does not verify/],
  ['the other parity', { ...valid, signature: { r, s, yParity: 1 - yParity } }, /does not verify/],
  [
    'a high s',
    { ...valid, signature: { r, s: hex32(order - BigInt(s)), yParity: 1 - yParity } },
    /does not verify/,
  ],
  ['r = 0', { ...valid, signature: { r: hex32(0n), s, yParity } }, /does not verify/],
  [
    's above the order',
    { ...valid, signature: { r, s: `0x${'ff'.repeat(32)}`, yParity } },
    /does not verify/,
  ],
  ['another public key', { ...valid, publicKey: otherKey }, /does not verify/],
  ['another address', { ...valid, address: `0x${'11'.repeat(20)}` }, /address/],
  ['no address', { ...valid, address: null }, /address/],
  [
    'another scheme',
    { ...valid, scheme: 'bip340-secp256k1', signature: { bytes: `0x${'00'.repeat(64)}` } },
    /signs no such request/,
  ],
  ['a scheme of another form', { ...valid, scheme: 'eddsa-ed25519' }, /form of its scheme/],
  ['another form of signature', { ...valid, signature: { bytes: `0x${'00'.repeat(64)}` } }, /form of its/],
  ['another form', { ...valid, committee: 'node-1' }, /committee/],
])('%s is refused', (_, final, reason) => {
  expect(verify(final)).toMatch(reason);
});

test('only coordinators are believed', () => {
  expect(verify(valid, { by: testService('coordinator-1') })).toMatch(/does not match/);
  expect(verify(valid, { by: testService('coordinator-2') })).toMatch(/no key is known/);
});

test('with the root key, a signature of another key is refused even when it verifies', () => {
  const request = Buffer.from(JSON.stringify({ ...content, path: 'm/0/7' }));
  const final = completedFinal(request);
  expect(verify(final, { request })).toBe('quorate.sign.completed.v1');
  expect(verify(final, { request, key: testKey })).toMatch(/not the child key/);
  expect(deriveChildKey(testKey, 'm/0/7')).not.toBe(final.publicKey);
});
