import { sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify, FlattenedSign, flattenedVerify } from 'jose';
import { claimedKid, signDetached, verifyDetached } from './jws';
import { testIdentity } from './testing/identities';

const alice = testIdentity('alice');
const lookup = (kid: string) => (kid === 'alice' ? alice.publicKey : undefined);
const value = Buffer.from('{"requestId":"order-1042"}');

function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url');
}

/** A JWS over `value` with any protected header, signed correctly. */
function jwsWith(header: string | object): string {
  const encoded = base64url(typeof header === 'string' ? header : JSON.stringify(header));
  const signature = sign(null, Buffer.from(`${encoded}.${base64url(value)}`), alice.privateKey);
  return `${encoded}..${base64url(signature)}`;
}

const header = { alg: 'EdDSA', kid: 'alice', typ: 'sign-request+jws' };

function errorOf(jws: string): string {
  const verdict = verifyDetached(jws, value, 'sign-request', lookup);
  return 'error' in verdict ? `${verdict.error}: ${verdict.reason}` : `accepted ${verdict.kid}`;
}

describe('interoperation with jose', () => {
  test('a JWS of ours verifies there', async () => {
    const [protectedPart, , signature] = signDetached(alice.privateKey, 'alice', 'sign-request', value).split(
      '.',
    );
    const compact = await compactVerify(`${protectedPart}.${base64url(value)}.${signature}`, alice.publicKey);
    expect(compact.protectedHeader).toEqual(header);
    expect(Buffer.from(compact.payload)).toEqual(value);
    const flattened = {
      protected: protectedPart ?? '',
      payload: base64url(value),
      signature: signature ?? '',
    };
    await expect(flattenedVerify(flattened, alice.publicKey)).resolves.toBeDefined();
  });

  test('CompactSign with its content taken out verifies here', async () => {
    const compact = await new CompactSign(value).setProtectedHeader(header).sign(alice.privateKey);
    const [protectedPart, , signature] = compact.split('.');
    expect(errorOf(`${protectedPart}..${signature}`)).toBe('accepted alice');
  });

  test('FlattenedSign verifies here, whatever the order of its header', async () => {
    const reordered = { typ: 'sign-request+jws', kid: 'alice', alg: 'EdDSA' };
    const flattened = await new FlattenedSign(value).setProtectedHeader(reordered).sign(alice.privateKey);
    expect(errorOf(`${flattened.protected}..${flattened.signature}`)).toBe('accepted alice');
  });

  test('the same value and key always give the same JWS', () => {
    const first = signDetached(alice.privateKey, 'alice', 'final', value);
    expect(signDetached(alice.privateKey, 'alice', 'final', value)).toBe(first);
  });
});

describe('refusals', () => {
  const valid = jwsWith(header);
  const [validHeader = '', , validSignature = ''] = valid.split('.');

  test.each([
    [
      'another value',
      signDetached(alice.privateKey, 'alice', 'sign-request', Buffer.from('{}')),
      /^bad-signature/,
    ],
    [
      'another typ',
      signDetached(alice.privateKey, 'alice', 'tx-intent', value),
      /^wrong-typ.*expected "sign-request\+jws"/,
    ],
    ['a typ without +jws', jwsWith({ ...header, typ: 'sign-request' }), /^wrong-typ/],
    ['a typ in capitals', jwsWith({ ...header, typ: 'Sign-Request+jws' }), /^wrong-typ/],
    ['an unknown kid', signDetached(alice.privateKey, 'mallory', 'sign-request', value), /^unknown-kid/],
    ['alg none', jwsWith({ ...header, alg: 'none' }), /^bad-jws.*alg/],
    ['alg ES256', jwsWith({ ...header, alg: 'ES256' }), /^bad-jws.*alg/],
    ['crit', jwsWith({ ...header, crit: ['exp'], exp: 1 }), /^bad-jws.*crit/],
    ['b64', jwsWith({ ...header, b64: false, crit: ['b64'] }), /^bad-jws.*b64/],
    ['an embedded key', jwsWith({ ...header, jwk: alice.jwk }), /^bad-jws.*jwk/],
    [
      'a duplicate kid',
      jwsWith('{"alg":"EdDSA","kid":"bob","kid":"alice","typ":"sign-request+jws"}'),
      /^bad-jws/,
    ],
    [
      'an escaped duplicate',
      jwsWith('{"alg":"EdDSA","\\u006bid":"bob","kid":"alice","typ":"sign-request+jws"}'),
      /^bad-jws/,
    ],
    ['a kid that is no id', jwsWith({ ...header, kid: 'alice/' }), /^bad-jws.*kid/],
    ['no kid', jwsWith({ alg: 'EdDSA', typ: 'sign-request+jws' }), /^bad-jws.*kid/],
    ['a header that is no object', jwsWith('[]'), /^bad-jws/],
    ['attached content', `${validHeader}.${base64url(value)}.${validSignature}`, /^bad-jws.*middle/],
    ['two parts', `${validHeader}.${validSignature}`, /^bad-jws/],
    ['four parts', `${valid}.`, /^bad-jws.*three parts/],
    ['padding', `${validHeader}..${validSignature}==`, /^bad-jws.*base64url/],
    ['white space', `${validHeader}.. ${validSignature}`, /^bad-jws.*base64url/],
    [
      'a short signature',
      `${validHeader}..${base64url(Buffer.from(validSignature, 'base64url').subarray(1))}`,
      /^bad-jws.*64 bytes/,
    ],
    ['an empty string', '', /^bad-jws/],
    ['a megabyte', 'a'.repeat(1 << 20), /^bad-jws.*1024/],
  ])('%s', (_, jws, expected) => {
    expect(errorOf(jws)).toMatch(expected);
  });

  test('another spelling of the last base64url character', () => {
    // 64 bytes leave 4 spare bits in the last character: only the spelling with zeros is canonical.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(validSignature.slice(-1));
    const spelled = `${validHeader}..${validSignature.slice(0, -1)}${alphabet[last + 1]}`;
    expect(Buffer.from(spelled.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(validSignature, 'base64url'),
    );
    expect(errorOf(spelled)).toMatch(/^bad-jws.*base64url/);
  });

  test('anything at all is answered, never thrown', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.base64String(), fc.base64String()).map((parts) => parts.join('..')),
    );
    fc.assert(
      fc.property(texts, (jws) => {
        expect(errorOf(jws)).toMatch(/^(bad-jws|wrong-typ|unknown-kid|bad-signature): /);
      }),
    );
  });

  test('every changed byte of value or signature is noticed', () => {
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(value);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(verifyDetached(valid, changed, 'sign-request', lookup)).toHaveProperty(
          'error',
          'bad-signature',
        );
      }),
    );
  });
});

test('the claimed kid is read without verifying', () => {
  expect(claimedKid(jwsWith(header))).toBe('alice');
  expect(claimedKid('x..y')).toBeUndefined();
});
