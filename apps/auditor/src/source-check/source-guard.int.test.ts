import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog, type OutgoingRecord } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(90_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const ENTRIES = 5;

describe('a topic that is not the one that the log was made from', () => {
  let kafka: MessageLog;
  let admin: Admin;
  let database: TestDatabase;
  let topicPrefix: string;
  let topic: string;
  let records: OutgoingRecord[];
  let auditor: RunningAuditor | undefined;

  beforeAll(async () => {
    kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'source-test' });
    admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await kafka.close();
  });
  beforeEach(async () => {
    topicPrefix = `s${randomBytes(4).toString('hex')}.`;
    topic = topicNames(topicPrefix).events;
    await ensureTopics(kafka, topicPrefix);
    database = await createTestDatabase();
    records = events(ENTRIES);
    await write(kafka, records);
    auditor = await start();
    await auditor.events(ENTRIES);
  });
  afterEach(async () => {
    await auditor?.stop();
    await database.drop();
  });

  const start = (variables: Record<string, string> = {}) =>
    RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix, variables });
  const events = (count: number) => Array.from({ length: count }, () => eventRecord(topic));
  const stop = async () => {
    await auditor?.stop();
    auditor = undefined;
  };
  /** Deletes the topic and makes it anew with other records. */
  const recreate = async (others: OutgoingRecord[]) => {
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic)) await pause();
    await ensureTopics(kafka, topicPrefix);
    if (others.length > 0) await write(kafka, others);
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  const query = async <T extends object>(sql: string): Promise<T[]> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const size = async () =>
    Number((await query<{ n: string }>('SELECT count(*) AS n FROM audit_entry'))[0]?.n);
  /** Waits until the auditor says that its source has changed, and looks that nothing was appended. */
  const expectClosed = async (finding: RegExp) => {
    let reasons = '';
    while (!/nothing more is appended/.test(reasons)) {
      await pause();
      reasons = (await auditor?.readiness(false)) ?? '';
    }
    expect(reasons).toMatch(finding);
    expect(reasons).toMatch(/RESTORED_TOPIC_ID|empty database/);
    expect(await size()).toBe(ENTRIES);
    expect(await metric('audit_log_closed')).toBe(1);
  };
  const metric = async (name: string) => {
    const { body } = (await auditor?.get('/metrics')) ?? {};
    return Number(new RegExp(`^\\S*${name}(?:\\{\\S*\\})? (\\S+)$`, 'm').exec(String(body?.['text']))?.[1]);
  };

  it.each([
    ['nothing in it', 0],
    ['fewer records', ENTRIES - 2],
    ['as many records', ENTRIES],
    ['more records', ENTRIES + 40],
  ])('is found while the auditor runs when it was made anew with %s', async (_, count) => {
    await recreate(events(count));
    await expectClosed(/created anew/);
    await write(kafka, events(100));
    await stop();
    auditor = await start();
    await expectClosed(/created anew/);
  });

  it('is found while the auditor runs when the first records are those of the log', async () => {
    await recreate([...records, ...events(3)]);
    await expectClosed(/created anew/);
  });

  it('goes on from one that was restored with all its offsets, when an operator says so', async () => {
    await stop();
    await recreate(records);
    const { id } = await kafka.topicState(topic);
    auditor = await start();
    await expectClosed(new RegExp(`id ${id} now`));
    await stop();
    auditor = await start({ RESTORED_TOPIC_ID: id });
    await write(kafka, events(1));
    await auditor.events(ENTRIES + 1);
    await stop();
    auditor = await start();
    await auditor.readiness(true);
  });

  it('is found when an operator says so of one with other records', async () => {
    await stop();
    await recreate(events(ENTRIES + 1));
    const { id } = await kafka.topicState(topic);
    auditor = await start({ RESTORED_TOPIC_ID: id });
    await expectClosed(/offset 4 is not the one in the log/);
  });

  it('is noted by a log of a version that knew no ids, once the last entry was compared', async () => {
    await stop();
    await query('ALTER TABLE log_source DISABLE TRIGGER ALL; DELETE FROM log_source');
    auditor = await start();
    await write(kafka, events(1));
    await auditor.events(ENTRIES + 1);
    const { id } = await kafka.topicState(topic);
    expect(await query('SELECT topic_id FROM log_source')).toEqual([{ topic_id: id }]);
  });

  it.each([ENTRIES + 1, ENTRIES + 3])(
    'is found when its first records up to %s were removed',
    async (low) => {
      await stop();
      await write(kafka, events(4));
      // Only then kafkajs knows who leads the topic.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(low) }] });
      expect(await kafka.logStarts(topic)).toEqual(new Map([[0, BigInt(low)]]));
      auditor = await start();
      await expectClosed(new RegExp(`offset 4, the last one in the log, is gone.*${low}|begins at ${low}`));
    },
  );
});
