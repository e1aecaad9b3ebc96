import { randomUUID } from 'node:crypto';
import { eventLeaf, leafHash } from '@quorate/transparency-log';
import { readExportLine } from './export-line';
import { leafWithRecord } from './leaf-record';
import {
  clientBytes,
  hex32,
  KEY_ID,
  logWithKey,
  muchLater,
  replaceKey,
  requesters,
  services,
  signed,
  WrittenLog,
} from './testing/written-log';

const rulesOf = (log: WrittenLog) =>
  muchLater(log)
    .verify()
    .violations.map(({ rule }) => rule);

const sentBy = (log: WrittenLog, intentId: string, nonce: number, hash = hex32(nonce)) => {
  const stream = `tx:alice:${intentId}`;
  const intent = { requester: 'alice', intentId };
  const requestId = `sign-${intentId}`;
  const from = `0x${'22'.repeat(20)}`;
  log.event('submitter', stream, 'quorate.tx.nonce-reserved.v1', {
    ...intent,
    chainId: '1',
    from,
    nonce: String(nonce),
  });
  signed(log, requestId, { requester: 'submitter' });
  log.event('submitter', stream, 'quorate.tx.signed.v1', {
    ...intent,
    attempt: 0,
    requestId,
    hash: hex32(nonce),
  });
  return log.event('submitter', stream, 'quorate.tx.broadcast.v1', { ...intent, attempt: 0, hash });
};

describe('the tree', () => {
  it('of a good log leads to its checkpoint and continues every older one', () => {
    const log = signed(signed(logWithKey(), 'a'), 'b');
    for (let size = 0; size <= log.leaves.length; size += 1)
      expect(log.verify({ older: log.head(size) }).violations).toEqual([]);
    expect(log.verify({ checkpoint: log.head(3) })).toMatchObject({ leaves: 3, verified: 3, violations: [] });
  });

  it.each<[string, (log: WrittenLog) => void, string]>([
    [
      'a changed leaf',
      ({ leaves }) => leaves.splice(2, 1, { leaf: eventLeaf({ headers: {}, value: null }) }),
      'root',
    ],
    ['a leaf less', ({ leaves }) => leaves.splice(2, 1), 'truncated'],
    [
      'an inserted leaf',
      ({ leaves }) => leaves.splice(2, 0, { leaf: eventLeaf({ headers: {}, value: null }) }),
      'root',
    ],
    ['swapped leaves', ({ leaves }) => leaves.splice(2, 2, ...leaves.slice(2, 4).reverse()), 'root'],
    ['the tail cut off', ({ leaves }) => leaves.pop(), 'truncated'],
  ])('with %s does not', (_, change, rule) => {
    const log = signed(logWithKey(), 'a');
    const checkpoint = log.head();
    change(log);
    expect(log.verify({ checkpoint }).violations[0]?.rule).toBe(rule);
  });

  it('that was rewritten contradicts a checkpoint that somebody kept', () => {
    const kept = signed(logWithKey(), 'a').head();
    const rewritten = signed(signed(logWithKey(), 'a'), 'b');
    expect(rewritten.verify({ older: kept }).violations).toMatchObject([
      { rule: 'root', index: kept.size - 1 },
    ]);
    const short = logWithKey();
    expect(short.verify({ older: kept }).violations.map(({ rule }) => rule)).toEqual(['shrunk']);
  });
});

describe('records', () => {
  it('that nobody known signed are counted, and tell no story', () => {
    const log = signed(logWithKey(), 'a').record(Buffer.from('{}'), { jws: 'x' });
    const { unverified, violations, verified } = log.verify();
    expect([unverified.count, unverified.first?.index, verified, violations]).toEqual([1, 5, 5, []]);
  });

  it('that were published twice are one event', () => {
    expect(signed(logWithKey(), 'a').again().verify().violations).toEqual([]);
  });

  it('whose leaf holds a digest are counted', () => {
    const log = logWithKey();
    const leaf = eventLeaf({ headers: {}, value: Buffer.alloc(100_000) });
    log.leaves.push(leafWithRecord(leaf));
    expect(log.verify()).toMatchObject({ unread: 1, verified: 1, violations: [] });
  });

  it('are not looked at without the identities of the services', () => {
    expect(signed(logWithKey(), 'a').verify({ services: undefined }).story).toBeUndefined();
  });
});

describe('the stories', () => {
  it('of a good log are counted', () => {
    const { story, violations } = sentBy(sentBy(logWithKey(), 'one', 7), 'two', 8).verify();
    expect(violations).toEqual([]);
    expect(story).toMatchObject({
      signatures: 2,
      transactions: 2,
      open: [],
      clientRecords: { checked: 2, unknown: 0 },
    });
  });

  it.each<[string, (log: WrittenLog) => WrittenLog]>([
    [
      'completed-twice',
      (log) => signed(signed(log, 'a', { presignature: 1 }), 'a', { presignature: 2, isRequested: false }),
    ],
    ['presignature-twice', (log) => signed(signed(log, 'a', { presignature: 1 }), 'b', { presignature: 1 })],
    ['no-request', (log) => signed(log, 'a', { isRequested: false })],
    ['no-share', (log) => signed(log, 'a', { sharesOf: ['node-1'] })],
    ['small-committee', (log) => signed(log, 'a', { committee: ['node-1'] })],
    ['small-committee', (log) => signed(log, 'a', { committee: ['node-1', 'node-1'] })],
    ['sent-unsigned', (log) => sentBy(log, 'one', 7, hex32(99))],
    ['nonce-gap', (log) => sentBy(sentBy(log, 'one', 7), 'two', 9)],
    ['malformed', (log) => log.event('submitter', 'tx:a:b', 'quorate.tx.finalized.v1', { hash: 'x' })],
    ['stream-position', (log) => log.event('submitter', 'tx:a:b', 'quorate.tx.new.v1', {}, 2)],
    [
      'stream-position',
      (log) =>
        log
          .event('submitter', 's', 'quorate.tx.new.v1', {})
          .event('submitter', 's', 'quorate.tx.new.v1', {}, 1),
    ],
    [
      'client-bytes',
      (log) => {
        const other = { ...clientBytes('a'), value: clientBytes('b').value };
        return log.event('coordinator-1', 's', 'quorate.sign.requested.v1', { ...other, keyId: KEY_ID });
      },
    ],
    [
      'client-signature',
      (log) => {
        const forged = { ...clientBytes('a'), jws: clientBytes('b').jws };
        return log.event('coordinator-1', 's', 'quorate.sign.requested.v1', { ...forged, keyId: KEY_ID });
      },
    ],
    [
      'after-the-end',
      (log) => signed(log, 'a').event('coordinator-1', 'sign:alice:a', 'quorate.sign.other.v1', {}),
    ],
  ])('with %s are broken', (rule, write) => {
    expect(new Set(rulesOf(write(logWithKey())))).toContain(rule);
  });

  it('of a key that nobody generated are broken', () => {
    expect(rulesOf(signed(new WrittenLog(), 'a'))).toContain('no-key');
  });

  it('of a client that pretends to be another one are broken', () => {
    const forged = clientBytes('a', 'submitter', 'alice');
    const log = logWithKey().event('coordinator-1', 's', 'quorate.sign.requested.v1', {
      ...forged,
      keyId: KEY_ID,
    });
    expect(rulesOf(log)).toEqual(['client-signature']);
  });

  it('of clients that are not known here are counted', () => {
    expect(signed(logWithKey(), 'a', { requester: 'mallory' }).verify().story?.clientRecords).toEqual({
      ...{ checked: 0, unknown: 1 },
    });
  });

  it('that are not complete yet are open near the end of the log, and broken later', () => {
    const log = signed(logWithKey(), 'a', { sharesOf: ['node-1'] });
    expect(log.verify()).toMatchObject({ violations: [], story: { open: [{ rule: 'no-share' }] } });
    expect(rulesOf(log)).toEqual(['no-share']);
  });

  it('are not open for longer because one service dates its events ahead', () => {
    const log = logWithKey().event('submitter', 'early', 'quorate.tx.new.v1', {});
    log.second += 1e9;
    signed(log, 'a', { isRequested: false, sharesOf: [] });
    log.second -= 1e9;
    expect(log.verify()).toMatchObject({ violations: [], story: { open: { length: 3 } } });
    expect(rulesOf(log)).toEqual(['no-request', 'no-share', 'no-share']);
  });

  it('are not broken because one service dates an event ahead', () => {
    const log = signed(logWithKey(), 'a', { sharesOf: ['node-1'] });
    log.second += 1e9;
    log.event('node-2', 'node:node-2', 'quorate.node.noted.v1', {});
    expect(log.verify()).toMatchObject({ violations: [], story: { open: [{ rule: 'no-share' }] } });
  });

  it('may lack what belongs to events from before two services said what time it is, until it is late', () => {
    const log = new WrittenLog().event('node-1', 's', 'quorate.key.noted.v1', {}, 2);
    log.event('node-2', 't', 'quorate.key.noted.v1', {});
    expect(log.verify()).toMatchObject({ violations: [], story: { open: [{ rule: 'stream-position' }] } });
    log.second += 601;
    for (const node of ['node-1', 'node-2']) log.event(node, node, 'quorate.key.noted.v1', {});
    expect(rulesOf(log)).toEqual(['stream-position']);
  });

  it('take an event whose id its service used for another one, and say so', () => {
    const log = logWithKey();
    const id = randomUUID();
    log.event('coordinator-1', 's', 'quorate.sign.other.v1', {}, 1, id);
    log.event('coordinator-1', 's', 'quorate.sign.other.v1', { changed: true }, 1, id);
    log.event('submitter', 't', 'quorate.sign.other.v1', {}, 1, id);
    expect(rulesOf(log)).toEqual(['event-id-reused', 'stream-position']);
  });

  it('of a node that was restored from a backup begin anew, and of no other', () => {
    const stream = 'node-1:key:k';
    const restored = { node: 'node-1', keys: [], backupOf: '2026-11-21T12:00:00Z' };
    const log = logWithKey()
      .event('node-1', stream, 'quorate.key.noted.v1', {})
      .event('node-1', 'node:node-1', 'quorate.node.restored.v1', restored)
      .event('node-1', stream, 'quorate.key.noted.v1', {}, 1);
    expect(rulesOf(log)).toEqual([]);
    log.event('node-2', 'node:node-2', 'quorate.node.restored.v1', restored);
    expect(rulesOf(log.event('node-1', stream, 'quorate.key.noted.v1', {}, 1))).toEqual(['stream-position']);
  });

  it('may go on with copies, conflicts and late shares', () => {
    const request = { requester: 'alice', requestId: 'a', requestHash: hex32(5) };
    const log = signed(logWithKey(), 'a').event('coordinator-1', 'sign:alice:a', 'quorate.sign.rejected.v1', {
      ...{ ...request, code: 'conflict', reason: 'other bytes', mayBeSigned: true },
      rejectedAt: '2026-11-21T12:00:00Z',
    });
    expect(rulesOf(log)).toEqual([]);
  });
});

describe('a line of an export', () => {
  const line = {
    ...{
      log: 0,
      index: 5,
      gap: false,
      headers: { ce_id: 'aQ==', extra: 'AA==' },
      value: 'e30=',
      verified: true,
    },
  };

  it('gives the leaf of its exact bytes', () => {
    const read = readExportLine(JSON.stringify(line));
    if ('problem' in read) throw new Error(read.problem);
    const leaf = eventLeaf({ headers: { ce_id: Buffer.from('i') }, value: Buffer.from('{}') });
    expect(leafHash(read.leaf)).toEqual(leafHash(leaf));
    expect([read.log, read.index]).toEqual([0, 5]);
  });

  it.each([
    '',
    '{}',
    'null',
    JSON.stringify({ ...line, value: '!' }),
    JSON.stringify({ ...line, index: -1 }),
  ])('%j is none', (text) => {
    expect(readExportLine(text)).toHaveProperty('problem');
  });
});

describe('a key that was replaced', () => {
  it('verifies what it signed before its end, and the new one what came after', () => {
    const log = signed(logWithKey(), 'before');
    const known = replaceKey('coordinator-1', log.leaves.length, services);
    const report = muchLater(signed(log, 'after')).verify({ services: known });
    expect(report).toMatchObject({ unverified: { count: 0 }, violations: [] });
    expect(report.story).toMatchObject({ signatures: 2 });
  });

  it('signs nothing from its end on, whatever time a record claims', () => {
    const log = signed(logWithKey(), 'before');
    const end = log.leaves.length;
    // Whoever stole the key writes with it now, and dates the record back.
    const late = signed(log, 'stolen').leaves.length - 1;
    const known = replaceKey('coordinator-1', end, services);
    const { unverified, story } = log.verify({ services: known });
    expect(unverified).toMatchObject({ count: 2, first: { index: end, rule: 'bad-signature' } });
    expect(late).toBeGreaterThan(end);
    expect(story).toMatchObject({ signatures: 1 });
  });

  it('of a client is judged by the place of the event that holds what it signed', () => {
    const log = signed(logWithKey(), 'before');
    const end = log.leaves.length;
    signed(log, 'stolen');
    const known = replaceKey('alice', end, requesters);
    signed(log, 'after');
    expect(muchLater(log).verify({ requesters: known }).violations).toMatchObject([
      { index: end, rule: 'client-signature' },
    ]);
  });

  it('that has no end in the log yet verifies as before', () => {
    const log = signed(logWithKey(), 'before');
    const known = replaceKey('node-1', undefined, services);
    expect(muchLater(signed(log, 'after')).verify({ services: known })).toMatchObject({
      unverified: { count: 0 },
      violations: [],
    });
  });
});
