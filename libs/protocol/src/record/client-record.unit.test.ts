import { sign } from 'node:crypto';
import fc from 'fast-check';
import { CLIENT_VALUE_LIMIT, SUBMITTER_VALUE_LIMIT } from '../limits';
import { requestHash } from '../request-hash';
import { asRead, testIdentity, type TestIdentity } from '../testing/identities';
import { classifyIntent, classifySignRequest, type RequesterLookup } from './client-record';
import { encodeClientRecord } from './encode-record';
import { type RawRecord } from './record-types';

const alice = testIdentity('alice');
const submitter = testIdentity('submitter');
const stranger = testIdentity('stranger');

const lookup: RequesterLookup = (kid) => {
  if (kid === 'alice') return { publicKey: alice.publicKey, role: 'client' };
  if (kid === 'submitter') return { publicKey: submitter.publicKey, role: 'submitter' };
  return undefined;
};

const request = {
  requestId: 'order-1042',
  requester: 'alice',
  keyId: 'k_7f3a',
  payload: { kind: 'eip191', message: '0x68656c6c6f' },
  nonce: `0x${'ab'.repeat(32)}`,
  expiresAt: '2026-12-01T12:00:00Z',
};
const intent = {
  intentId: 'payout-77',
  requester: 'alice',
  keyId: 'k_7f3a',
  chainId: '31337',
  to: `0x${'11'.repeat(20)}`,
  value: '1',
  data: '0x',
  maxFeePerGas: '100',
  maxCost: '1000000',
  expiresAt: '2026-12-01T12:00:00Z',
};
const time = new Date('2026-11-30T12:00:00Z');

function signed(data: object, who: TestIdentity = alice) {
  return encodeClientRecord({ typ: 'sign-request', data, key: 'order-1042', time }, who.signer);
}

/** A record with any value, correctly signed, of any size. */
function signedBytes(value: Buffer, who: TestIdentity = alice, typ = 'sign-request'): RawRecord {
  const encoded = signed(request, who);
  const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: who.kid, typ: `${typ}+jws` })).toString(
    'base64url',
  );
  const signature = sign(null, Buffer.from(`${header}.${value.toString('base64url')}`), who.privateKey);
  return asRead(encoded, { value, headers: { jws: `${header}..${signature.toString('base64url')}` } });
}

describe('a valid request', () => {
  test('comes with its facts', () => {
    const record = signed(request);
    expect(classifySignRequest(asRead(record), lookup)).toMatchObject({
      kind: 'valid',
      role: 'client',
      requester: 'alice',
      id: 'order-1042',
      hash: requestHash(record.value),
      data: request,
      jws: record.headers.jws,
    });
  });

  test('no header but jws, ce_type and ce_source matters', () => {
    const headers = {
      ce_specversion: undefined,
      ce_id: 'other',
      ce_time: 'never',
      'content-type': 'text/plain',
    };
    expect(classifySignRequest(asRead(signed(request), { headers }), lookup).kind).toBe('valid');
  });

  test('carries its approvals along', () => {
    const headers = { approvals: 'a..b,c..d' };
    expect(classifySignRequest(asRead(signed(request), { headers }), lookup)).toMatchObject({
      approvals: 'a..b,c..d',
    });
  });
});

describe('signed by its requester, but of no valid content: answered', () => {
  test.each([
    ['a hardened path', { ...request, path: "m/44'" }, /^path: must not have hardened steps/],
    [
      'an unknown payload kind',
      { ...request, payload: { kind: 'x' } },
      /^payload.*must be an object whose kind is/,
    ],
    ['nothing but the names', { requester: 'alice', requestId: 'order-1042' }, /keyId: .*payload: .*nonce: /],
    ['an escaped U+0000', { ...request, keyId: 'k\u0000' }, /keyId: must not contain U\+0000/],
    ['a lone surrogate in a member nobody reads', { ...request, note: '\ud800' }, /note: must not contain/],
  ])('%s', (_, data, reason) => {
    const record = signed(data);
    const classified = classifySignRequest(asRead(record), lookup);
    expect(classified).toMatchObject({
      kind: 'invalid',
      requester: 'alice',
      id: 'order-1042',
      hash: requestHash(record.value),
    });
    expect(classified.kind === 'invalid' && classified.reason).toMatch(reason);
  });

  test('a duplicate member', () => {
    const value = Buffer.from(JSON.stringify(request).replace('{', '{"keyId":"k_other",'));
    expect(classifySignRequest(signedBytes(value), lookup)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('keyId: appears twice') as unknown,
    });
  });

  test('__proto__ gives nothing to anybody', () => {
    const value = Buffer.from(JSON.stringify(request).replace('{', '{"__proto__":{"path":"m/1"},'));
    expect(classifySignRequest(signedBytes(value), lookup)).toMatchObject({ kind: 'invalid' });
  });
});

describe('anything else is a dead letter', () => {
  const valid = signed(request);
  test.each<[string, RawRecord, string]>([
    ['no value', asRead(valid, { value: null }), 'no-value'],
    ['no signature', asRead(valid, { headers: { jws: undefined } }), 'no-jws'],
    ['a broken signature', asRead(valid, { headers: { jws: 'a..b' } }), 'bad-jws'],
    ['other bytes', asRead(valid, { value: Buffer.from('{}') }), 'bad-signature'],
    ['an unknown kid', asRead(signed({ ...request, requester: 'stranger' }, stranger)), 'unknown-kid'],
    ['another typ', signedBytes(valid.value, alice, 'tx-intent'), 'wrong-typ'],
    ['another ce_type', asRead(valid, { headers: { ce_type: 'quorate.tx.requested.v1' } }), 'wrong-type'],
    ['no ce_type', asRead(valid, { headers: { ce_type: undefined } }), 'wrong-type'],
    [
      'a ce_source of somebody else',
      asRead(valid, { headers: { ce_source: '/client/bob' } }),
      'wrong-source',
    ],
    ['no ce_source', asRead(valid, { headers: { ce_source: undefined } }), 'wrong-source'],
    ['not JSON', signedBytes(Buffer.from('hello')), 'not-json'],
    ['not UTF-8', signedBytes(Buffer.from([0x22, 0xff, 0x22])), 'not-utf8'],
    ['nested too deep', signedBytes(Buffer.from(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)), 'too-deep'],
    ['another requester', asRead(signed({ ...request, requester: 'bob' })), 'requester-mismatch'],
    ['no requester', asRead(signed({ requestId: 'order-1042' })), 'requester-mismatch'],
    ['no requestId', asRead(signed({ ...request, requestId: undefined })), 'unreadable-id'],
    ['a requestId that is no id', asRead(signed({ ...request, requestId: 'a/b' })), 'unreadable-id'],
    [
      'two requestIds',
      signedBytes(Buffer.from(JSON.stringify(request).replace('{', '{"requestId":"x",'))),
      'unreadable-id',
    ],
    ['2 MB', signedBytes(Buffer.alloc(2 << 20, 0x20)), 'too-large'],
  ])('%s', (_, raw, code) => {
    const classified = classifySignRequest(raw, lookup);
    expect(classified).toMatchObject({ kind: 'dead-letter', code });
    expect(classified.kind === 'dead-letter' && classified.reason.length).toBeGreaterThan(20);
  });
});

describe('sizes', () => {
  function padded(size: number, requester: string): Buffer {
    const empty = JSON.stringify({ ...request, requester, note: '' });
    return Buffer.from(JSON.stringify({ ...request, requester, note: 'x'.repeat(size - empty.length) }));
  }

  test.each([
    ['a client', alice, CLIENT_VALUE_LIMIT],
    ['the submitter', submitter, SUBMITTER_VALUE_LIMIT],
  ])('%s may use all of its limit, and not a byte more', (_, who, limit) => {
    expect(classifySignRequest(signedBytes(padded(limit, who.kid), who), lookup).kind).toBe('valid');
    expect(classifySignRequest(signedBytes(padded(limit + 1, who.kid), who), lookup)).toMatchObject({
      code: 'too-large',
    });
  });

  test('a client cannot borrow the limit of the submitter with its kid', () => {
    const record = signedBytes(padded(CLIENT_VALUE_LIMIT + 1, 'submitter'), { ...alice, kid: 'submitter' });
    expect(classifySignRequest(record, lookup)).toMatchObject({ kind: 'dead-letter', code: 'bad-signature' });
  });
});

describe('intents and amendments', () => {
  const encode = (typ: 'tx-intent' | 'tx-amend', data: object) =>
    encodeClientRecord({ typ, data, key: 'payout-77', time }, alice.signer);

  test('are told apart by ce_type, and the signature must agree', () => {
    const amend = { intentId: 'payout-77', requester: 'alice', cancel: true };
    expect(classifyIntent(asRead(encode('tx-intent', intent)), lookup)).toMatchObject({
      kind: 'valid',
      typ: 'tx-intent',
      id: 'payout-77',
    });
    expect(classifyIntent(asRead(encode('tx-amend', amend)), lookup)).toMatchObject({
      kind: 'valid',
      typ: 'tx-amend',
    });
    const headers = { ce_type: 'quorate.tx.amended.v1' };
    expect(classifyIntent(asRead(encode('tx-intent', intent), { headers }), lookup)).toMatchObject({
      code: 'wrong-typ',
    });
  });

  test('a wrong intent is answered with its field', () => {
    expect(
      classifyIntent(asRead(encode('tx-intent', { ...intent, chainId: '99999999999999999999' })), lookup),
    ).toMatchObject({
      kind: 'invalid',
      typ: 'tx-intent',
      reason: expect.stringMatching(/^chainId: must be a decimal string/) as unknown,
    });
  });

  test('an amendment has 4 KiB', () => {
    const raw = asRead(encode('tx-intent', { ...intent, data: `0x${'00'.repeat(4096)}` }), {
      headers: { ce_type: 'quorate.tx.amended.v1' },
    });
    expect(classifyIntent(raw, lookup)).toMatchObject({ kind: 'dead-letter', code: 'too-large' });
  });
});

test('a value that is a sign request and an intent is neither: its approvals would be of both', () => {
  const both = { ...intent, ...request };
  const asIntent = encodeClientRecord({ typ: 'tx-intent', data: both, key: 'payout-77', time }, alice.signer);
  for (const classified of [
    classifySignRequest(asRead(signed(both)), lookup),
    classifyIntent(asRead(asIntent), lookup),
  ]) {
    expect(classified).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(/requestId and intentId/) as unknown,
    });
  }
});

test('any signed JSON is classified, never thrown', () => {
  const content = fc.oneof(
    fc.record({
      requestId: fc.constant('order-1042'),
      requester: fc.constant('alice'),
      payload: fc.jsonValue(),
      path: fc.jsonValue(),
    }),
    fc.dictionary(fc.constantFrom(...Object.keys(request)), fc.jsonValue({ maxDepth: 3 })),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(content, (data) => {
      const { kind } = classifySignRequest(signedBytes(Buffer.from(JSON.stringify(data))), lookup);
      expect(['invalid', 'dead-letter']).toContain(kind);
    }),
    { numRuns: 300 },
  );
});

test('any headers are classified, never thrown', () => {
  const header = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(header, header, header, (jws, source, type) => {
      const raw = asRead(signed(request), { headers: { jws, ce_source: source, ce_type: type } });
      expect(classifySignRequest(raw, lookup).kind).toBe('dead-letter');
      expect(classifyIntent(raw, lookup).kind).toBe('dead-letter');
    }),
  );
});
