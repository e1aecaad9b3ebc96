import { randomBytes } from 'node:crypto';
import { AuditClient } from '@quorate/client';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { parseEntryBundle } from '@quorate/transparency-log';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const RECORDS = 18;
const BYTES = 600_000;

/** A service that is not honest may fill its records: answers stay within what the auditor has memory for. */
describe('a log of large records', () => {
  let kafka: MessageLog;
  let database: TestDatabase;
  let auditor: RunningAuditor;

  beforeAll(async () => {
    const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
    kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
    await ensureTopics(kafka, topicPrefix);
    database = await createTestDatabase();
    auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
    const { events } = topicNames(topicPrefix);
    const payload = { filler: 'x'.repeat(BYTES) };
    for (let n = 0; n < RECORDS; n++) {
      await write(kafka, [eventRecord(events, { correlationId: 'flood', payload: { ...payload, n } })]);
    }
    let size = 0;
    while (size < RECORDS) {
      size = Number(String((await auditor.get('/v1/checkpoint')).body['text']).split('\n')[1]);
    }
  });
  afterAll(async () => {
    await auditor.stop();
    await database.drop();
    await kafka.close();
  });

  it.each(['asc', 'desc'])('is read in pages that end early, in order %s', async (order) => {
    const indices: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await auditor.get(`/v1/events?limit=1000&order=${order}${cursor}`);
      expect(body.events.length).toBeLessThan(9);
      indices.push(...body.events.map(({ index }) => index));
      cursor = body['nextCursor'] === null ? '' : `&cursor=${String(body['nextCursor'])}`;
    } while (cursor !== '');
    const all = Array.from({ length: RECORDS }, (_, n) => n);
    expect(indices).toEqual(order === 'asc' ? all : all.reverse());
  });

  it('tells a story in parts, which a client puts together', async () => {
    const { body } = await auditor.get('/v1/requests/flood');
    expect(body.events.length).toBeLessThan(9);
    expect(typeof body['nextCursor']).toBe('string');
    const story = await new AuditClient({ url: auditor.url }).story('flood');
    expect(story?.events.map(({ index }) => index)).toEqual(Array.from({ length: RECORDS }, (_, n) => n));
  });

  it('is exported whole, and has whole tiles', async () => {
    const exported = await (await fetch(new URL('/v1/export?format=jsonl', auditor.url))).text();
    expect(exported.trimEnd().split('\n')).toHaveLength(RECORDS);
    const tile = await fetch(new URL(`/log/0/tile/entries/000.p/${RECORDS}`, auditor.url));
    const leaves = parseEntryBundle(new Uint8Array(await tile.arrayBuffer()));
    expect(leaves).toHaveLength(RECORDS);
  });
});
