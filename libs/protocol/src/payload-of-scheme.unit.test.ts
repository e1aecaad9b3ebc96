import { schnorrMessage, unfitForScheme } from './payload-of-scheme';
import { type Payload } from './schemas/payload';

const bytes: Payload = { kind: 'bytes', message: '0x00ff' };
const digest: Payload = { kind: 'digest', digest: `0x${'1a'.repeat(32)}` };
const ofEcdsa: Payload[] = [
  { kind: 'eip191', message: '0x' },
  { kind: 'eip712', typedData: { types: {}, primaryType: 'A', domain: {}, message: {} } },
  { kind: 'evm-transaction', unsigned: '0x02' },
  { kind: 'evm-intent', unsigned: '0x02', intent: { bytes: '', jws: '' } },
  { kind: 'evm-cancel', unsigned: '0x02' },
];

describe('an ECDSA key', () => {
  test.each([...ofEcdsa, digest])('signs $kind, at any path', (payload) => {
    expect(unfitForScheme('ecdsa-secp256k1', { payload, path: 'm/1' })).toBeUndefined();
  });

  test('does not sign bytes, and says what to use', () => {
    expect(unfitForScheme('ecdsa-secp256k1', { payload: bytes })).toMatch(/^payload\.kind: .*use eip191/);
  });
});

describe.each(['eddsa-ed25519', 'bip340-secp256k1'] as const)('a key of %s', (scheme) => {
  test('signs bytes', () => {
    expect(unfitForScheme(scheme, { payload: bytes })).toBeUndefined();
  });

  test.each(ofEcdsa)('does not sign $kind, and says what to use', (payload) => {
    expect(unfitForScheme(scheme, { payload })).toMatch(/^payload\.kind: .*use bytes/);
  });

  test.each(['m', 'm/0'])('has nothing at path %s', (path) => {
    expect(unfitForScheme(scheme, { payload: bytes, path })).toMatch(/^path: must be absent/);
  });
});

test('a bare digest is signed by BIP-340 keys, not by Ed25519 keys', () => {
  expect(unfitForScheme('bip340-secp256k1', { payload: digest })).toBeUndefined();
  expect(unfitForScheme('eddsa-ed25519', { payload: digest })).toMatch(/use bytes/);
});

test('the message is the bytes, or the digest; ECDSA payloads have none', () => {
  expect(schnorrMessage(bytes)).toEqual(Buffer.from([0, 0xff]));
  expect(schnorrMessage({ kind: 'bytes', message: '0x' })).toEqual(Buffer.alloc(0));
  expect(schnorrMessage(digest)).toEqual(Buffer.alloc(32, 0x1a));
  for (const payload of ofEcdsa) expect(schnorrMessage(payload)).toBeUndefined();
});
