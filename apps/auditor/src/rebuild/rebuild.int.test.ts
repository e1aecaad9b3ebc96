import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RebuildProcess } from '../testing/rebuild-process';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(120_000);

const EVENTS = 3_000;
const brokers = process.env['KAFKA_BROKERS'] ?? '';
const EVERYTHING = `
  SELECT log, index, gap, key, value, headers::text, verified, reason, duplicate_of, event_id, type, source, actor,
         correlation_id, request_id, intent_id, key_id, occurred_at FROM audit_entry ORDER BY log, index`;

/** The newest checkpoint, once it is of `size` leaves or more. */
async function headOf(auditor: RunningAuditor, atLeast: number): Promise<{ size: number; root: string }> {
  for (;;) {
    const { body } = await auditor.get('/v1/checkpoint');
    const [, size, root = ''] = String(body['text']).split('\n');
    if (Number(size) >= atLeast) return { size: Number(size), root };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a rebuild of the log', () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const topic = topicNames(topicPrefix).events;
  let kafka: MessageLog;
  let original: TestDatabase;
  let anew: TestDatabase;
  let size: number;
  let root: string;

  const settings = (database: TestDatabase) => ({ brokers, topicPrefix, databaseUrl: database.url });
  const rebuild = (...args: string[]) => new RebuildProcess(settings(anew), '--log', '0', ...args).answer();
  const query = async ({ url }: TestDatabase, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'rebuild-test' });
    await ensureTopics(kafka, topicPrefix);
    const twice = eventRecord(topic);
    await write(kafka, [
      ...[twice, { topic, key: 'k', value: null, headers: {} }, twice],
      { topic, key: 'k', value: Buffer.from('{"type":"no event"}'), headers: { jws: 'forged' } },
    ]);
    for (let written = 0; written < EVENTS; written += 1_000)
      await write(
        kafka,
        Array.from({ length: 1_000 }, (_, n) => eventRecord(topic, { payload: { n } })),
      );
    original = await createTestDatabase();
    anew = await createTestDatabase();
    const auditor = await RunningAuditor.start(settings(original));
    ({ size, root } = await headOf(auditor, EVENTS + 4));
    await auditor.stop();
  });
  afterAll(async () => {
    await kafka?.close();
    await original?.drop();
    await anew?.drop();
  });

  it('that is killed in the middle goes on, and comes to the same entries, marks and root', async () => {
    const cutShort = new RebuildProcess(settings(anew), '--log', '0', '--size', String(size));
    const built = async () =>
      (await query(anew, "SELECT FROM pg_class WHERE relname = 'tree_node'")).length === 0
        ? 0
        : Number((await query(anew, 'SELECT count(*) FROM audit_entry'))[0]?.['count']);
    while ((await built()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await cutShort.kill();
    expect(await built()).toBeLessThan(size);

    expect(await rebuild('--size', String(size))).toMatchObject({ error: { code: 'not-empty' } });
    expect(await rebuild('--size', String(size), '--continue')).toEqual({ logs: [{ log: 0, size }], root });
    expect(await query(anew, EVERYTHING)).toEqual(await query(original, EVERYTHING));
    expect(await query(anew, 'SELECT * FROM tree_node ORDER BY level, index')).toEqual(
      await query(original, 'SELECT * FROM tree_node ORDER BY level, index'),
    );
  });

  it('finds the root of an older, smaller tree, and says when the topic is shorter than the checkpoint', async () => {
    const [older] = await query(original, 'SELECT size, note FROM checkpoint WHERE size > 0 ORDER BY size');
    const answer = await rebuild('--size', String(older?.['size']), '--continue');
    expect(String(older?.['note']).split('\n')[2]).toBe(answer.root);
    expect(await rebuild('--size', String(size + 1), '--continue')).toMatchObject({
      error: { code: 'topic-too-short' },
    });
  });

  it('is what an auditor goes on from, and never goes on in the database of an auditor', async () => {
    const auditor = await RunningAuditor.start(settings(anew));
    try {
      await write(kafka, [eventRecord(topic)]);
      expect((await headOf(auditor, size + 1)).size).toBe(size + 1);
    } finally {
      await auditor.stop();
    }
    for (const args of [['--continue'], []])
      expect(await rebuild('--size', '1', ...args)).toMatchObject({
        error: { code: args.length === 0 ? 'not-empty' : 'not-a-rebuild' },
      });
  });

  it('is not made in the database of anything else', async () => {
    const other = await createTestDatabase();
    try {
      await query(other, 'CREATE TABLE payroll (n integer)');
      const args = ['--log', '0', '--size', '1', '--continue'];
      expect(await new RebuildProcess(settings(other), ...args).answer()).toMatchObject({
        error: { code: 'not-a-rebuild' },
      });
      expect(await query(other, "SELECT FROM pg_class WHERE relname = 'audit_entry'")).toEqual([]);
    } finally {
      await other.drop();
    }
  });
});
