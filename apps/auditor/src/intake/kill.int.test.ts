import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { AuditorProcess } from '../testing/auditor-process';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';

const COUNT = 12_000;
const brokers = process.env['KAFKA_BROKERS'] ?? '';
const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
const topic = topicNames(topicPrefix).events;
let kafka: MessageLog;
let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await kafka.close();
  await database.drop();
});

/** Entries so far; 0 before the first start has made the table. */
async function count(): Promise<number> {
  const { rows } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('audit_entry') IS NOT NULL AS exists",
  );
  if (rows[0]?.exists !== true) return 0;
  const counted = await client.query<{ n: string }>('SELECT count(*) AS n FROM audit_entry');
  return Number(counted.rows[0]?.n);
}

async function atLeast(entries: number): Promise<void> {
  while ((await count()) < entries) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('loses nothing and doubles nothing when it is killed in the middle', async () => {
  for (let written = 0; written < COUNT; written += 1_000) {
    await write(
      kafka,
      Array.from({ length: 1_000 }, (_, n) => eventRecord(topic, { payload: { n } })),
    );
  }
  const cutShort: number[] = [];
  for (const progress of [1, COUNT / 2]) {
    const auditor = new AuditorProcess({ brokers, databaseUrl: database.url, topicPrefix });
    try {
      await atLeast(progress);
    } finally {
      await auditor.kill();
    }
    cutShort.push(await count());
  }
  expect(cutShort.some((entries) => entries < COUNT)).toBe(true);
  const last = new AuditorProcess({ brokers, databaseUrl: database.url, topicPrefix });
  try {
    await atLeast(COUNT);
  } finally {
    await last.kill();
  }
  const { rows } = await client.query<Record<string, string>>(
    `SELECT count(*) AS entries, min(index) AS first, max(index) AS last, count(DISTINCT event_id) AS events,
            count(duplicate_of) AS duplicates FROM audit_entry WHERE verified`,
  );
  expect(rows).toEqual([
    { entries: String(COUNT), first: '0', last: String(COUNT - 1), events: String(COUNT), duplicates: '0' },
  ]);
}, 120_000);
