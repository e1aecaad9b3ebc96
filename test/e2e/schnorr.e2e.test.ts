/** Ed25519 and BIP-340 keys over the whole pipeline, seen by a stranger who knows interfaces.md, RFC 8032 and BIP-340. */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { schnorr } from '@noble/curves/secp256k1.js';
import { ForeignClient, sha256Hex } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

interface Key {
  keyId: string;
  scheme: string;
  publicKey: string;
  address?: string;
}

interface Completed {
  type: string;
  scheme: string;
  signature: { bytes: string };
  publicKey: string;
  committee: string[];
  presignatureId: string;
}

const client = new ForeignClient(readStack());
jest.setTimeout(120_000);
beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const bytesOf = (text: string) => Buffer.from(text.slice(2), 'hex');

function verifyEd25519(message: Uint8Array, signature: Uint8Array, key: Buffer): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

describe.each([
  {
    scheme: 'eddsa-ed25519',
    keyForm: /^0x[0-9a-f]{64}$/,
    isSigned: verifyEd25519,
    isKey: (rootKey: string, publicKey: string) => rootKey === publicKey,
  },
  {
    scheme: 'bip340-secp256k1',
    keyForm: /^0x02[0-9a-f]{64}$/,
    isSigned: (message: Uint8Array, signature: Uint8Array, key: Buffer) =>
      schnorr.verify(signature, message, key.subarray(1)),
    isKey: (rootKey: string, publicKey: string) => rootKey.slice(4) === publicKey.slice(4),
  },
])('a key of $scheme', ({ scheme, keyForm, isSigned, isKey }) => {
  let key: Key;
  beforeAll(async () => {
    key = await quorate<Key>('keys', 'create', '--scheme', scheme);
  });

  const ask = async (payload: object, change: object = {}) => {
    const request = client.request(payload, { keyId: key.keyId, path: undefined, ...change });
    const { value, headers } = await client.send('mpc.requests', request.requestId, request);
    const final = await client.finalOf(request.requestId);
    return { value, headers, final, requestId: request.requestId };
  };

  it.each([
    ['a text', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['40,000 bytes', randomBytes(40_000)],
  ])('signs %s: the message itself', async (_, message) => {
    const { final, value } = await ask({ kind: 'bytes', message: hex(message) });
    const completed = final.json as unknown as Completed;
    expect(completed).toMatchObject({ type: 'quorate.sign.completed.v1', scheme });
    expect(final.json).toMatchObject({ keyId: key.keyId, requestHash: sha256Hex(value) });
    for (const absent of ['digest', 'address', 'path']) expect(final.json).not.toHaveProperty(absent);
    expect(completed.publicKey).toMatch(keyForm);
    expect(isKey(key.publicKey, completed.publicKey)).toBe(true);
    expect(completed.signature.bytes).toMatch(/^0x[0-9a-f]{128}$/);
    expect(isSigned(message, bytesOf(completed.signature.bytes), bytesOf(completed.publicKey))).toBe(true);
    expect(await client.verify(final)).toMatchObject({ alg: 'EdDSA', typ: 'final+jws' });
  });

  it('answers the same bytes with the same signature, and spends a nonce on each request once', async () => {
    const { final, value, headers, requestId } = await ask({ kind: 'bytes', message: '0x01' });
    await client.resend('mpc.requests', requestId, { value, headers });
    const [first, second] = await client.atLeast(2, ({ json, topic }) => {
      return topic === client.topic('mpc.finals') && json.requestId === requestId;
    });
    expect(second?.value).toEqual(first?.value);
    const others = await Promise.all(
      [1, 2, 3, 4].map((byte) => ask({ kind: 'bytes', message: hex(Buffer.of(byte)) })),
    );
    const nonces = [final, ...others.map((other) => other.final)].map(({ json }) => json.presignatureId);
    expect(new Set(nonces).size).toBe(5);
  });

  it.each([
    ['a payload for ECDSA keys', { kind: 'eip191', message: '0x01' }, {}, /bytes/],
    ['a child key', { kind: 'bytes', message: '0x01' }, { path: 'm/0' }, /path/],
  ])('refuses %s as invalid, and says what to use', async (_, payload, change, reason) => {
    const { final } = await ask(payload, change);
    expect(final.json).toMatchObject({
      type: 'quorate.sign.rejected.v1',
      code: 'invalid',
      mayBeSigned: false,
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  it('signs for the command line, which verifies what comes back', async () => {
    const signed = await quorate('sign', '--kind', 'bytes', '--message', 'hello', '--key', key.keyId);
    expect(signed).toMatchObject({ verified: true, scheme });
  });
});

it('bytes under an ECDSA key are invalid', async () => {
  const request = client.request({ kind: 'bytes', message: '0x01' });
  await client.send('mpc.requests', request.requestId, request);
  const { json } = await client.finalOf(request.requestId);
  expect(json).toMatchObject({ code: 'invalid', reason: expect.stringMatching(/eip191/) as unknown });
});
