import { type CeremonyEnded, ceremonyEndedSchema, fromHex, toHex } from '@quorate/protocol';
import { nonceIdOf } from '@quorate/threshold';
import { type Ceremony } from './ceremony';
import { verdictOf } from './verdict';

const SESSION = `0x${'01'.repeat(32)}`;
const BOOTS: Record<string, string> = { 'node-1': `0x${'0a'.repeat(16)}`, 'node-2': `0x${'0b'.repeat(16)}` };
const H2 = `0x${'02'.repeat(32)}`;
const POINT = `0x02${'03'.repeat(32)}`;
const ODD = `0x03${'03'.repeat(32)}`;

const presign: Ceremony = {
  sessionId: SESSION,
  purpose: 'presign',
  status: 'running',
  keyId: 'k_1',
  orderNonce: null,
  participants: ['node-1', 'node-2'],
  bootIds: BOOTS,
  epoch: 0,
  batch: 1,
};

function ended(node: string, change: object = {}): CeremonyEnded {
  return ceremonyEndedSchema.parse({
    type: 'quorate.ceremony.ended.v1',
    id: `${node}-1`,
    node,
    bootId: BOOTS[node],
    sessionId: SESSION,
    purpose: 'presign',
    outcome: 'ok',
    h2: H2,
    R: [POINT],
    at: '2026-11-21T12:00:00Z',
    ...change,
  });
}

test('is open until all members have reported', () => {
  expect(verdictOf(presign, [])).toEqual({ kind: 'open' });
  expect(verdictOf(presign, [ended('node-1')])).toEqual({ kind: 'open' });
});

test('the same presignatures of all members are stock', () => {
  expect(verdictOf(presign, [ended('node-1'), ended('node-2')])).toEqual({
    kind: 'presignatures',
    material: 'presignatures',
    h2: H2,
    noncePoints: [POINT],
  });
});

describe('a nonce session', () => {
  const nonceOf = (p: number, change: object = {}) => ({
    nonceId: toHex(nonceIdOf(fromHex(SESSION), fromHex(H2), p)),
    commitments: { 10: { hiding: POINT, binding: POINT }, 2: { hiding: ODD, binding: POINT }, ...change },
  });
  const of = (nonces: object[], change: object = {}) => ({ R: undefined, nonces, ...change });
  const verdict = (mine: object, other = mine) =>
    verdictOf(presign, [ended('node-1', mine), ended('node-2', other)]);

  test('is stock when all members report the same commitments, in order of the members', () => {
    const points = [ODD, POINT, POINT, POINT].map((point) => point.slice(2)).join('');
    expect(verdict(of([nonceOf(0)]))).toEqual({
      kind: 'presignatures',
      material: 'nonces',
      h2: H2,
      noncePoints: [`0x${points}`],
    });
  });

  test.each([
    ['another commitment of one member', of([nonceOf(0, { 2: { hiding: POINT, binding: POINT } })])],
    ['presignatures of one member', {}],
  ])('%s fails the batch', (_name, other) => {
    expect(verdict(of([nonceOf(0)]), other).kind).toBe('failed');
  });

  test.each([
    ['another id', of([{ ...nonceOf(0), nonceId: H2 }])],
    ['the id of another place', of([nonceOf(1)])],
    ['a member too many', of([nonceOf(0, { 3: { hiding: POINT, binding: POINT } })])],
    ['too many nonces', of([nonceOf(0), nonceOf(1)])],
    ['nonces and presignatures', of([nonceOf(0)], { R: [POINT] })],
    ['no digest', of([nonceOf(0)], { h2: undefined })],
  ])('%s of all members fails the batch', (_name, mine) => {
    expect(verdict(mine).kind).toBe('failed');
  });
});

test.each([
  ['another h2', { h2: `0x${'04'.repeat(32)}` }],
  ['another R list', { R: [`0x03${'03'.repeat(32)}`] }],
  ['too many presignatures', { R: [POINT, POINT] }],
])('%s of one member fails the batch', (_name, change) => {
  expect(verdictOf(presign, [ended('node-1'), ended('node-2', change)]).kind).toBe('failed');
});

test('one failure ends it at once and names class, check and accused', () => {
  const failure = { class: 'BAN', check: 'presign.r2.rvole', accused: 'node-1' };
  const verdict = verdictOf(presign, [ended('node-2', { outcome: 'failed', failure })]);
  expect(verdict).toMatchObject({
    kind: 'failed',
    by: { node: 'node-2', failure },
    reason: 'node-2 reports BAN (presign.r2.rvole, accused: node-1)',
  });
});

test('results of another life, session, purpose or stranger count for nothing', () => {
  const others = [
    ended('node-2', { bootId: `0x${'0c'.repeat(16)}` }),
    ended('node-2', { sessionId: `0x${'05'.repeat(32)}` }),
    ended('node-2', { purpose: 'health' }),
    ended('node-1', { node: 'node-9' }),
  ];
  expect(verdictOf(presign, [ended('node-1'), ...others])).toEqual({ kind: 'open' });
});

test('a health check needs every member', () => {
  const health: Ceremony = { ...presign, purpose: 'health' };
  const ok = (node: string) => ended(node, { purpose: 'health', h2: undefined, R: undefined });
  expect(verdictOf(health, [ok('node-1')]).kind).toBe('open');
  expect(verdictOf(health, [ok('node-1'), ok('node-2')]).kind).toBe('healthy');
});

describe('a reshare', () => {
  const facts = {
    keyId: 'k_1',
    scheme: 'ecdsa-secp256k1',
    epoch: 3,
    threshold: 2,
    participants: ['node-1', 'node-2'],
    publicKey: POINT,
    chainCode: H2,
    publicShares: { '1': POINT, '4': POINT },
    certificate: {
      suite: 1,
      epoch: 3,
      sid: SESSION,
      ssid: H2,
      transcript: H2,
      identities: {},
      signatures: {},
    },
  };
  const reshare: Ceremony = {
    ...presign,
    purpose: 'reshare',
    epoch: 3,
    quorum: { threshold: 2, participants: ['node-1', 'node-2'] },
  };
  const told = (node: string, change: object = {}) =>
    ended(node, { purpose: 'reshare', h2: undefined, R: undefined, key: { ...facts, ...change } });

  test('needs the same new epoch of all members', () => {
    expect(verdictOf(reshare, [told('node-1')]).kind).toBe('open');
    expect(verdictOf(reshare, [told('node-1'), told('node-2')])).toMatchObject({
      kind: 'key',
      shown: [{ epoch: 3 }, { epoch: 3 }],
    });
    const other = { publicShares: { '1': POINT, '4': `0x03${'03'.repeat(32)}` } };
    expect(verdictOf(reshare, [told('node-1'), told('node-2', other)]).kind).toBe('failed');
    expect(verdictOf(reshare, [told('node-1'), told('node-2', { publicShares: { '1': POINT } })]).kind).toBe(
      'failed',
    );
  });

  test.each([
    ['epoch', { epoch: 4 }],
    ['threshold', { threshold: 3 }],
    ['member', { participants: ['node-1', 'node-3'] }],
    ['key', { keyId: 'k_2' }],
  ])('of another %s than was ordered is none', (_name, change) => {
    expect(verdictOf(reshare, [told('node-1', change), told('node-2', change)]).kind).toBe('failed');
  });
});

test('a re-key needs both members', () => {
  const rekey: Ceremony = { ...presign, purpose: 'rekey', pairCounter: 1 };
  const ok = (node: string) => ended(node, { purpose: 'rekey', h2: undefined, R: undefined });
  expect(verdictOf(rekey, [ok('node-2')]).kind).toBe('open');
  expect(verdictOf(rekey, [ok('node-1'), ok('node-2')]).kind).toBe('rekeyed');
});
