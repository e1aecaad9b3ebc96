import { signDetached } from '../jws';
import { keyLookup } from '../key-lookup';
import { requestHash } from '../request-hash';
import { signRequestSchema } from '../schemas/sign-request';
import { testIdentity } from '../testing/identities';
import { correlationIdOf, openEmbeddedIntent } from './embedded-intent';

const alice = testIdentity('alice');
const lookup = keyLookup({ alice: alice.jwk });
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

function embed(data: object, typ: 'tx-intent' | 'tx-amend' = 'tx-intent') {
  const value = Buffer.from(JSON.stringify(data));
  return { bytes: value.toString('base64url'), jws: signDetached(alice.privateKey, 'alice', typ, value) };
}

test('opens what its requester signed', () => {
  const value = Buffer.from(JSON.stringify(intent));
  expect(openEmbeddedIntent({ intent: embed(intent) }, lookup)).toMatchObject({
    ok: true,
    intent,
    hash: requestHash(value),
  });
});

test.each([
  ['an amendment', embed(intent, 'tx-amend'), /typ/],
  ['another requester', embed({ ...intent, requester: 'bob' }), /requester/],
  ['other bytes', { ...embed(intent), bytes: embed({ ...intent, value: '2' }).bytes }, /does not match/],
  ['a sign request at once', embed({ ...intent, requestId: 'order-1' }), /requestId and intentId/],
  ['a wrong field', embed({ ...intent, value: 2 }), /value: must be a decimal string/],
])('%s is refused', (_, embedded, reason) => {
  expect(openEmbeddedIntent({ intent: embedded }, lookup)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(reason) as unknown,
  });
});

describe('amendments', () => {
  const amend = (change: object) =>
    embed({ intentId: 'payout-77', requester: 'alice', ...change }, 'tx-amend');

  test('raise ceilings and expiry, and never lower them', () => {
    const amendments = [
      amend({ maxFeePerGas: '300', maxCost: '2' }),
      amend({ maxFeePerGas: '200', expiresAt: '2026-12-01T13:00:00Z' }),
      amend({ cancel: true }),
    ];
    expect(openEmbeddedIntent({ intent: embed(intent), amendments }, lookup)).toMatchObject({
      ok: true,
      intent: { ...intent, maxFeePerGas: '300', maxCost: '1000000', expiresAt: '2026-12-01T13:00:00Z' },
      hash: requestHash(Buffer.from(JSON.stringify(intent))),
    });
  });

  test.each([
    [
      'of another intent',
      amend({ intentId: 'payout-78', maxCost: '2' }),
      /amendments\[1\]: it is of another intent/,
    ],
    ['of another requester', amend({ requester: 'bob', maxCost: '2' }), /requester/],
    ['signed as an intent', embed({ intentId: 'payout-77', requester: 'alice', maxCost: '2' }), /typ/],
    ['that changes nothing', amend({}), /must change something/],
  ])('one %s is refused', (_, amendment, reason) => {
    const amendments = [amend({ maxCost: '3' }), amendment];
    expect(openEmbeddedIntent({ intent: embed(intent), amendments }, lookup)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason) as unknown,
    });
  });
});

test('the story of an evm-intent request is that of its intent', () => {
  const request = {
    requestId: 'r-1',
    requester: 'submitter',
    keyId: 'k_7f3a',
    nonce: `0x${'ab'.repeat(32)}`,
    expiresAt: '2026-12-01T12:00:00Z',
  };
  const ofIntent = signRequestSchema.parse({
    ...request,
    payload: { kind: 'evm-intent', unsigned: '0x02', intent: embed(intent) },
  });
  expect(correlationIdOf(ofIntent)).toBe('payout-77');
  const message = signRequestSchema.parse({ ...request, payload: { kind: 'eip191', message: '0x' } });
  expect(correlationIdOf(message)).toBe('r-1');
});
