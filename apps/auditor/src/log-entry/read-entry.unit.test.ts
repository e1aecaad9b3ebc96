import { generateKeyPairSync } from 'node:crypto';
import { type LogRecord } from '@quorate/messaging';
import { encodeRecord, recordSigner } from '@quorate/protocol';
import { contentOf, gapEntry, readEntry } from './read-entry';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const lookup = (kid: string) => (kid === 'node-1' ? publicKey : undefined);

const data = {
  type: 'quorate.sign.partial-issued.v1',
  eventId: '0196f0e5-5b5c-4b3e-8f6e-0c6a3d9d2f11',
  streamId: 'node-1:sign:alice:order-1',
  streamPosition: 1,
  causationId: 'order-1',
  correlationId: 'order-1',
  occurredAt: '2026-12-01T12:00:00.000Z',
  actor: '/node/node-1',
  requestId: 'order-1',
  keyId: 'k_1',
};

function record(change: { data?: object; headers?: Record<string, string>; value?: Buffer } = {}): LogRecord {
  const content = { ...data, ...change.data };
  const { key, value, headers } = encodeRecord(
    { typ: 'event', source: '/node/node-1', data: content, key: 'k', time: new Date(data.occurredAt) },
    recordSigner('node-1', privateKey),
  );
  const all = Object.entries({ ...headers, ...change.headers });
  return {
    ...{ topic: 'mpc.events', partition: 2, offset: 41n, timestamp: 0 },
    key: Buffer.from(key),
    value: change.value ?? value,
    headers: Object.fromEntries(all.map(([name, text]) => [name, Buffer.from(text)])),
  };
}

describe('readEntry', () => {
  it('takes log and index from partition and offset, and the facts from the content', () => {
    expect(readEntry(record(), lookup)).toMatchObject({
      ...{ log: 2, index: 41n, gap: false, verified: true, reason: null, duplicateOf: null },
      ...{ eventId: data.eventId, type: data.type, source: '/node/node-1', actor: '/node/node-1' },
      ...{ correlationId: 'order-1', requestId: 'order-1', intentId: null, keyId: 'k_1' },
      occurredAt: new Date(data.occurredAt),
    });
  });

  it('keeps the exact bytes and headers', () => {
    const received = record();
    const entry = readEntry(received, lookup);
    expect(entry.value).toBe(received.value);
    expect(entry.headers).toBe(received.headers);
  });

  it.each([
    ['an unknown service', record(), () => undefined, /unknown-kid/],
    [
      'another type in the header',
      record({ headers: { ce_type: 'quorate.sign.completed.v1' } }),
      lookup,
      /type-mismatch/,
    ],
    ['changed bytes', record({ value: Buffer.from('{}') }), lookup, /bad-signature/],
    ['a missing field', record({ data: { streamId: undefined } }), lookup, /invalid: .*streamId/],
  ])('marks as not verified: %s', (_, received, keys, reason) => {
    const entry = readEntry(received, keys);
    expect(entry.verified).toBe(false);
    expect(entry.reason).toMatch(reason);
  });

  it('leaves out facts that the database cannot hold', () => {
    const entry = readEntry(
      record({
        data: { correlationId: 'a\u0000b', requestId: 7, intentId: '\ud800', keyId: 'x'.repeat(401) },
      }),
      lookup,
    );
    expect(entry).toMatchObject({ correlationId: null, requestId: null, intentId: null, keyId: null });
  });
});

describe('contentOf', () => {
  it.each([
    ['nothing', null],
    ['no JSON', Buffer.from('{')],
    ['no object', Buffer.from('[1]')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['too deep', Buffer.from(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)],
  ])('is null for %s', (_, value) => {
    expect(contentOf(value)).toBeNull();
  });
});

it('a gap is an entry without bytes that is never verified', () => {
  expect(gapEntry(0, 7n)).toMatchObject({ log: 0, index: 7n, gap: true, value: null, verified: false });
});
