import { randomBytes, randomUUID } from 'node:crypto';
import { kafkaMessageLog, type MessageLog, type OutgoingRecord, recordsOf } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/integration/database';
import { ensureTopics, eventRecord, write } from './testing/event-writer';
import { RunningAuditor } from './testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
let kafka: MessageLog;
let database: TestDatabase;
let topicPrefix: string;
let topic: string;
let auditor: RunningAuditor;

beforeAll(() => {
  kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
});
afterAll(() => kafka.close());

beforeEach(async () => {
  topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  topic = topicNames(topicPrefix).events;
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
});
afterEach(async () => {
  await auditor.stop();
  await database.drop();
});

function restart(variables: Record<string, string> = {}): Promise<RunningAuditor> {
  return RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix, variables });
}

async function sql(statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the log', () => {
  it('has the record at offset i as entry i, with its exact bytes', async () => {
    const records = Array.from({ length: 40 }, (_, n) => eventRecord(topic, { payload: { n } }));
    await write(kafka, records);
    const events = await auditor.events(40);
    expect(events.map((event) => event.index)).toEqual(records.map((_, n) => n));
    expect(events.map((event) => event.data?.['n'])).toEqual(records.map((_, n) => n));
    expect(events.every((event) => event.verified && event.log === 0)).toBe(true);
    const rows = await sql('SELECT value, key, headers FROM audit_entry ORDER BY index');
    rows.forEach((row, n) => {
      expect(row['value']).toEqual(records[n]?.value);
      expect(row['headers']).toMatchObject({
        jws: Buffer.from(String(records[n]?.headers['jws'])).toString('base64'),
      });
    });
  });

  it('keeps what is not a verified event, and says why', async () => {
    const good = eventRecord(topic);
    const changed = eventRecord(topic, { correlationId: 'order-2' });
    const bad: [OutgoingRecord, RegExp][] = [
      [{ ...changed, value: Buffer.from(`${String(changed.value)} `) }, /bad-signature/],
      [{ ...good, headers: { ...good.headers, jws: 'x' } }, /bad-jws/],
      [{ topic, key: 'k', value: null, headers: {} }, /no-value/],
      [{ topic, key: null, value: Buffer.from([0xff, 0x00]), headers: { 'a\u0000b': 'c' } }, /no-jws/],
      [{ topic, key: 'k', value: Buffer.from('['.repeat(100_000)), headers: {} }, /no-jws/],
      [
        { topic, key: 'k', value: Buffer.from('{"correlationId":"a\\u0000b","type":7}'), headers: {} },
        /no-jws/,
      ],
      [
        { topic, key: 'k', value: Buffer.from('{"occurredAt":"0000-01-01T00:00:00Z"}'), headers: {} },
        /no-jws/,
      ],
      [{ ...good, headers: { ...good.headers, ce_id: randomUUID() } }, /id-mismatch/],
      [{ ...good, headers: { ...good.headers, ce_source: '/node/node-9' } }, /wrong-source/],
    ];
    await write(kafka, [...bad.map(([record]) => record), good]);
    const events = await auditor.events(bad.length + 1);
    bad.forEach(([, reason], index) => {
      expect(events[index]).toMatchObject({ index, verified: false });
      expect(events[index]?.reason).toMatch(reason);
    });
    expect(events.at(-1)).toMatchObject({ verified: true });
    // The changed bytes can still be found by what they claim.
    const { body } = await auditor.get('/v1/requests/order-2');
    expect(body.events).toEqual([expect.objectContaining({ verified: false })]);
  });

  it('keeps an event that comes twice, as a duplicate of the first', async () => {
    const record = eventRecord(topic);
    const forged = { ...record, value: Buffer.from(`${String(record.value)} `) };
    await write(kafka, [forged, record, eventRecord(topic), record]);
    await auditor.events(4);
    await write(kafka, [record]);
    const events = await auditor.events(5);
    expect(events.map((event) => event.duplicateOf)).toEqual([undefined, undefined, undefined, 1, 1]);
    const { body } = await auditor.get('/metrics');
    const counted = Object.fromEntries(
      [
        ...String(body['text']).matchAll(
          /quorate_audit_entries_total\{kind="(\w+)",service="auditor"\} (\d+)/g,
        ),
      ].map(([, kind, count]) => [kind ?? '', Number(count)] as const),
    );
    expect(counted).toEqual({ verified: 2, unverified: 1, duplicate: 2, gap: 0 });
  });

  it('refuses UPDATE, DELETE and TRUNCATE', async () => {
    await write(kafka, [eventRecord(topic)]);
    await auditor.events(1);
    for (const statement of [
      'UPDATE audit_entry SET verified = false',
      'DELETE FROM audit_entry',
      'TRUNCATE audit_entry',
    ]) {
      await expect(sql(statement)).rejects.toThrow('append-only');
    }
  });

  it('goes on after a restart when its last entry has header names that a database cannot hold', async () => {
    const headers = { 'a\u0000': 'one', 'a\ufffd': 'two', ce_time: '0000-01-01T00:00:00Z' };
    await write(kafka, [{ topic, key: null, value: Buffer.from('x'), headers }]);
    await auditor.events(1);
    await auditor.stop();
    await write(kafka, [eventRecord(topic)]);
    auditor = await restart();
    expect(await auditor.events(2)).toMatchObject([{ verified: false }, { verified: true }]);
  });

  it('goes on where it stopped after a restart', async () => {
    await write(kafka, [eventRecord(topic), eventRecord(topic)]);
    await auditor.events(2);
    await auditor.stop();
    await write(kafka, [eventRecord(topic)]);
    auditor = await restart();
    expect((await auditor.events(3)).map((event) => event.index)).toEqual([0, 1, 2]);
    await auditor.readiness(true);
  });

  it('has published the checkpoint of its last entry when it ends', async () => {
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await write(kafka, [eventRecord(topic)]);
    })();
    await auditor.events(5);
    await auditor.stop();
    isOver = true;
    await writing;
    const [entries] = await sql('SELECT count(*) FROM audit_entry');
    const sizes: (string | undefined)[] = [];
    const published = await kafka.subscribe({
      ...{ topic: topicNames(topicPrefix).state('auditor'), group: randomUUID(), start: 'earliest' },
      handle: async (batches) => {
        for (const { value } of recordsOf(batches)) {
          const { note } = JSON.parse(String(value)) as { note: string };
          sizes.push(note.split('\n')[1]);
        }
      },
    });
    await published.caughtUp();
    await published.stop();
    expect(sizes.at(-1)).toBe(entries?.['count']);
    auditor = await restart();
  });

  it('shows how many records it is behind', async () => {
    await write(kafka, [eventRecord(topic)]);
    await auditor.events(1);
    const { body } = await auditor.get('/metrics');
    expect(body['text']).toMatch(/quorate_audit_lag_records\{log="0",service="auditor"\} 0/);
    expect(body['text']).toMatch(/quorate_audit_entries_total\{kind="verified",service="auditor"\} 1/);
  });
});

describe('a source that has changed', () => {
  async function another(): Promise<string> {
    const other = `t${randomBytes(4).toString('hex')}.`;
    await ensureTopics(kafka, other);
    return other;
  }

  it.each([
    ['was created anew and is empty', 0, /ends at 0/],
    ['is shorter than the log', 1, /ends at 1/],
    ['has other records', 3, /is not the one in the log/],
  ])('stops appending, not ready, when the topic %s', async (_, length, finding) => {
    await write(kafka, [eventRecord(topic), eventRecord(topic)]);
    await auditor.events(2);
    await auditor.stop();
    topicPrefix = await another();
    topic = topicNames(topicPrefix).events;
    const records = Array.from({ length }, () => eventRecord(topic));
    if (records.length > 0) await write(kafka, records);
    const { id } = await kafka.topicState(topic);
    auditor = await restart({ RESTORED_TOPIC_ID: id });
    const reasons = await auditor.readiness(false);
    const explained = reasons.includes('truncated') ? reasons : await waitForReason(/truncated/);
    expect(explained).toMatch(finding);
    const { body: metrics } = await auditor.get('/metrics');
    expect(metrics['text']).toContain('quorate_audit_log_closed{service="auditor"} 1');
    const { body } = await auditor.get('/v1/events');
    expect(body.events).toHaveLength(2);
  });

  async function waitForReason(reason: RegExp): Promise<string> {
    for (;;) {
      const reasons = await auditor.readiness(false);
      if (reason.test(reasons)) return reasons;
    }
  }
});

describe('queries', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 10, n));

  it('filters, and gives the whole story of an id', async () => {
    await write(kafka, [
      eventRecord(topic, {
        correlationId: 'order-1',
        payload: { requestId: 'order-1', keyId: 'k_1' },
        occurredAt: day(1),
      }),
      eventRecord(topic, {
        correlationId: 'payout-7',
        payload: { intentId: 'payout-7', requestId: 's_1' },
        occurredAt: day(2),
        type: 'quorate.tx.requested.v1',
      }),
      eventRecord(topic, { correlationId: 'payout-7', payload: { requestId: 's_1' }, occurredAt: day(3) }),
      eventRecord(topic, { correlationId: 'order-1', payload: { requestId: 'order-1' }, occurredAt: day(4) }),
    ]);
    await auditor.events(4);
    const found = async (query: string) =>
      (await auditor.get(`/v1/events?${query}`)).body.events.map((event) => event.index);
    expect(await found('requestId=order-1')).toEqual([0, 3]);
    expect(await found('requestId=order-1&order=desc')).toEqual([3, 0]);
    expect(await found('intentId=payout-7')).toEqual([1]);
    expect(await found('type=quorate.tx.requested.v1')).toEqual([1]);
    expect(await found('keyId=k_1')).toEqual([0]);
    expect(await found('actor=/coordinator/coordinator-1&limit=2')).toEqual([0, 1]);
    expect(await found(`from=${day(2).toISOString()}&to=${day(4).toISOString()}`)).toEqual([1, 2]);
    expect(await found('requestId=nobody')).toEqual([]);
    const story = await auditor.get('/v1/requests/payout-7');
    expect(story.body.id).toBe('payout-7');
    expect(story.body.events.map((event) => event.index)).toEqual([1, 2]);
    expect(story.body.events[0]).toMatchObject({
      log: 0,
      type: 'quorate.tx.requested.v1',
      source: '/coordinator/coordinator-1',
      time: day(2).toISOString(),
      jws: expect.stringMatching(/^[\w-]+\.\.[\w-]+$/) as unknown,
      data: { correlationId: 'payout-7', intentId: 'payout-7' },
    });
  });

  it('pages through everything once, in both orders, while entries are appended', async () => {
    const seen = async (order: string, duringPages: () => Promise<void>) => {
      const indices: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await auditor.get(`/v1/events?limit=7&order=${order}${cursor && `&cursor=${cursor}`}`);
        indices.push(...page.body.events.map((event) => event.index));
        cursor = page.body.nextCursor;
        await duringPages();
      }
      return indices;
    };
    await write(
      kafka,
      Array.from({ length: 20 }, () => eventRecord(topic)),
    );
    await auditor.events(20);
    let appended = 20;
    const append = async () => {
      if (appended >= 26) return;
      appended += 2;
      await write(kafka, [eventRecord(topic), eventRecord(topic)]);
      await auditor.events(appended);
    };
    expect(await seen('desc', append)).toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
    expect(await seen('asc', append)).toEqual(Array.from({ length: 26 }, (_, n) => n));
  });

  it('exports everything that matches as JSON Lines and as CSV', async () => {
    const records = Array.from({ length: 450 }, (_, n) =>
      eventRecord(topic, { payload: { n, note: 'a "quoted", line\r\nbreak' } }),
    );
    await write(kafka, [...records, eventRecord(topic, { type: 'quorate.node.joined.v1' })]);
    await auditor.events(451);
    const jsonl = await auditor.get('/v1/export?format=jsonl&type=quorate.sign.requested.v1');
    expect(jsonl.type).toContain('application/jsonl');
    const lines = String(jsonl.body['text']).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual(
      records.map((_, n) => n),
    );
    expect(JSON.parse(lines[7] ?? '')).toMatchObject({ value: records[7]?.value?.toString('base64') });
    const csv = await auditor.get('/v1/export?format=csv&order=desc');
    const text = String(csv.body['text']);
    expect(text.startsWith('log,index,type,')).toBe(true);
    expect(text.split('\r\n0,').length).toBe(452);
    expect(text).toContain('""n"":449');
  });
});
