import { generateKeyPairSync, sign } from 'node:crypto';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { publicKeyBytes } from '@quorate/platform';
import { keyLookup, requestHash, signDetached } from '@quorate/protocol';
import { hex32, testService } from './testing/fake-installation';
import { verifyFinal } from './verify-final';

const coordinator = testService('coordinator-1');
const coordinators = keyLookup({ 'coordinator-1': coordinator.jwk });
const MESSAGE = Buffer.from('a message');
const DIGEST = Buffer.alloc(32, 5);
const ed25519 = generateKeyPairSync('ed25519');
const secret = Buffer.alloc(32, 9);
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const point = secp256k1.getPublicKey(secret);
const even = `0x02${hex(point).slice(4)}`;

const schemes = {
  'eddsa-ed25519': {
    publicKey: hex(publicKeyBytes(ed25519.publicKey)),
    sign: (message: Uint8Array) => hex(sign(null, message, ed25519.privateKey)),
  },
  'bip340-secp256k1': { publicKey: even, sign: (message: Uint8Array) => hex(schnorr.sign(message, secret)) },
};
type Scheme = keyof typeof schemes;

const bytes = { payload: { kind: 'bytes', message: hex(MESSAGE) } };
const digest = { payload: { kind: 'digest', digest: hex(DIGEST) } };

function verified(scheme: Scheme, asked: object, change: object = {}, rootKey?: string): string {
  const request = Buffer.from(
    JSON.stringify({
      ...{ requestId: 'order-1', requester: 'alice', keyId: 'k_1', ...asked },
      ...{ nonce: hex32(1n), expiresAt: '2026-12-01T12:00:00Z' },
    }),
  );
  const { publicKey, sign: signWith } = schemes[scheme];
  const final = {
    ...{ type: 'quorate.sign.completed.v1', id: 'f-1', requester: 'alice', requestId: 'order-1' },
    ...{ requestHash: requestHash(request), keyId: 'k_1', scheme, publicKey },
    ...{ signature: { bytes: signWith(MESSAGE) }, committee: ['node-1'], presignatureId: hex32(2n) },
    ...{ completedAt: '2026-12-01T12:00:00Z', ...change },
  };
  const value = Buffer.from(JSON.stringify(final));
  const jws = signDetached(coordinator.privateKey, coordinator.kid, 'final', value);
  const key = rootKey === undefined ? undefined : { publicKey: rootKey, chainCode: hex32(3n) };
  try {
    return verifyFinal({ value, jws }, { request, coordinators, key }).type;
  } catch (error) {
    return String(error);
  }
}

describe.each(['eddsa-ed25519', 'bip340-secp256k1'] as const)('a final of %s', (scheme) => {
  const { publicKey } = schemes[scheme];

  test('verifies, also under the root key', () => {
    expect(verified(scheme, bytes)).toBe('quorate.sign.completed.v1');
    expect(verified(scheme, bytes, {}, publicKey)).toBe('quorate.sign.completed.v1');
  });

  test.each<[string, object, RegExp]>([
    ['another signature', { signature: { bytes: schemes[scheme].sign(DIGEST) } }, /does not verify/],
    ['no signature', { signature: { bytes: hex(Buffer.alloc(64)) } }, /does not verify/],
    ['a digest', { digest: hex(DIGEST) }, /digest/],
    ['an address', { address: `0x${'11'.repeat(20)}` }, /address/],
    ['a path', { path: 'm/0' }, /another path/],
    ['the other scheme’s key', { publicKey: publicKey === even ? hex32(4n) : even }, /does not verify/],
    ['a signature of ECDSA', { signature: { r: hex32(1n), s: hex32(1n), yParity: 0 } }, /form of its scheme/],
  ])('with %s is refused', (_, change, reason) => {
    expect(verified(scheme, bytes, change)).toMatch(reason);
  });

  test('under another root key is refused even when it verifies', () => {
    expect(verified(scheme, bytes, {}, publicKey.replace(/..$/, 'ff'))).toMatch(/not that of this key/);
  });

  test('of a request for a child key or an ECDSA payload is refused', () => {
    expect(verified(scheme, { ...bytes, path: 'm/0' }, { path: 'm/0' })).toMatch(/signs no such request/);
    expect(verified(scheme, { payload: { kind: 'eip191', message: '0x' } })).toMatch(/signs no such request/);
  });
});

test('BIP-340: the root key stands for its point of even y, and a bare digest is in the final', () => {
  const odd = `0x03${even.slice(4)}`;
  expect(verified('bip340-secp256k1', bytes, {}, odd)).toBe('quorate.sign.completed.v1');
  expect(verified('bip340-secp256k1', bytes, { publicKey: odd })).toMatch(/does not verify/);
  const signature = { bytes: schemes['bip340-secp256k1'].sign(DIGEST) };
  expect(verified('bip340-secp256k1', digest, { signature, digest: hex(DIGEST) })).toBe(
    'quorate.sign.completed.v1',
  );
  expect(verified('bip340-secp256k1', digest, { signature })).toMatch(/digest/);
  expect(verified('eddsa-ed25519', digest, { digest: hex(DIGEST) })).toMatch(/signs no such request/);
});
