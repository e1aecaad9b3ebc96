import { Fatal } from '@quorate/platform';
import { keyLookup } from '../key-lookup';
import { SERVICE_VALUE_LIMIT } from '../limits';
import { type FinalInput, finalSchema } from '../schemas/final';
import { asRead, testIdentity } from '../testing/identities';
import { encodeRecord } from './encode-record';
import { verifyServiceRecord } from './service-record';

const coordinator = testIdentity('coordinator-1');
const node = testIdentity('node-1');
const lookup = keyLookup({ 'coordinator-1': coordinator.jwk });
const options = { typ: 'final', schema: finalSchema, lookup } as const;

const rejected = {
  type: 'quorate.sign.rejected.v1',
  id: 'f-1',
  requester: 'alice',
  requestId: 'order-1042',
  requestHash: `0x${'00'.repeat(32)}`,
  code: 'expired',
  reason: 'the request expired',
  details: { rule: 'x', more: 1 },
  mayBeSigned: false,
  rejectedAt: '2026-11-30T12:00:00.000Z',
} satisfies FinalInput;

function encode(
  data: Record<string, unknown> & { type: string },
  signer = coordinator.signer,
  source = '/coordinator/coordinator-1',
) {
  return encodeRecord(
    { typ: 'final', source, data, key: 'order-1042', time: new Date(0), traceparent: '00-a-b-01' },
    signer,
  );
}

test('a record is written as a CloudEvent in binary mode and read back', () => {
  const record = encode(rejected);
  expect(record.headers).toMatchObject({
    ce_specversion: '1.0',
    ce_id: 'f-1',
    ce_source: '/coordinator/coordinator-1',
    ce_type: 'quorate.sign.rejected.v1',
    ce_time: '1970-01-01T00:00:00.000Z',
    'content-type': 'application/json',
    traceparent: '00-a-b-01',
  });
  expect(verifyServiceRecord(asRead(record), options)).toMatchObject({
    ok: true,
    kid: 'coordinator-1',
    id: 'f-1',
    data: rejected,
  });
});

test('the same data gives the same bytes', () => {
  expect(encode(rejected)).toEqual(encode({ ...rejected }));
});

test.each([
  ['another ce_type', { ce_type: 'quorate.sign.completed.v1' }, 'type-mismatch'],
  ['another ce_id', { ce_id: 'f-2' }, 'id-mismatch'],
  ['no ce_id', { ce_id: undefined }, 'id-mismatch'],
  ['another ce_source', { ce_source: '/node/node-1' }, 'wrong-source'],
  ['a ce_type of nobody', { ce_type: 'com.example.x' }, 'wrong-type'],
])('%s makes it unverified', (_, headers, code) => {
  expect(verifyServiceRecord(asRead(encode(rejected), { headers }), options)).toMatchObject({
    ok: false,
    code,
  });
});

test('a final signed by a node is none', () => {
  const record = asRead(encode(rejected, node.signer, '/node/node-1'));
  expect(verifyServiceRecord(record, options)).toMatchObject({
    ok: false,
    code: 'unknown-kid',
    signed: false,
  });
});

test('a final of another form is refused with the field', () => {
  expect(verifyServiceRecord(asRead(encode({ ...rejected, code: 'because' })), options)).toMatchObject({
    ok: false,
    code: 'invalid',
    signed: true,
    reason: expect.stringMatching(/^code: /) as unknown,
  });
});

describe('what cannot be written stops the service', () => {
  test.each([
    ['no id', () => encode({ type: 'quorate.sign.rejected.v1' })],
    ['somebody else as source', () => encode(rejected, node.signer)],
    ['a bigint', () => encode({ ...rejected, details: { nonce: 1n } })],
    ['too much', () => encode({ ...rejected, reason: 'x'.repeat(SERVICE_VALUE_LIMIT) })],
  ])('%s', (_, write) => {
    expect(write).toThrow(Fatal);
  });
});
