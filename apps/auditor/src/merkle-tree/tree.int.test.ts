import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog, recordsOf } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { ForeignVerifier, sha256 } from '../testing/foreign-verifier';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('the tree of the log', () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const topic = topicNames(topicPrefix).events;
  let kafka: MessageLog;
  let database: TestDatabase;
  let auditor: RunningAuditor;
  let client: Client;

  beforeAll(async () => {
    kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
    await ensureTopics(kafka, topicPrefix);
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
    await write(
      kafka,
      Array.from({ length: 300 }, (_, n) => eventRecord(topic, { eventId: idOf(n), payload: { n } })),
    );
    await write(kafka, [
      { topic, key: 'k', value: null, headers: {} },
      { topic, key: 'k', value: Buffer.alloc(100_000, 7), headers: { jws: 'no' } },
    ]);
    await auditor.events(302);
  });
  afterAll(async () => {
    await auditor?.stop();
    await client.end();
    await kafka.close();
    await database.drop();
  });

  const head = async () => {
    const { body } = await auditor.get('/v1/checkpoint?log=0');
    const [origin = '', size = '', root = ''] = String(body['text']).split('\n');
    return { origin, size: Number(size), root, note: String(body['text']) };
  };
  const atSize = async (size: number) => {
    for (;;) {
      const checkpoint = await head();
      if (checkpoint.size >= size) return checkpoint;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('is read from its tiles and verified by somebody who knows the formats only', async () => {
    const { origin, size } = await atSize(302);
    expect([origin, size]).toEqual(['quorate.local/auditor/log/0', 302]);
    expect(await new ForeignVerifier(auditor.url).verifyLog()).toBeUndefined();
  });

  it('proves an entry by its event id and by its place', async () => {
    const { body } = await auditor.get(`/v1/proofs/inclusion?eventId=${idOf(123)}`);
    const { note, root } = await head();
    expect(body).toMatchObject({ log: 0, index: 123, treeSize: 302, checkpoint: note });
    const { leaf, hashes } = body as unknown as { leaf: string; hashes: string[] };
    expect(Buffer.from(leaf, 'base64').toString()).toContain('"n":123');
    let hash = sha256(Buffer.of(0), Buffer.from(leaf, 'base64'));
    let [node, last] = [123, 301];
    for (const sibling of hashes.map((text) => Buffer.from(text, 'base64'))) {
      const isRight = node % 2 === 1 || node === last;
      hash = isRight ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
      while (isRight && node % 2 === 0 && node > 0) [node, last] = [node >> 1, last >> 1];
      [node, last] = [node >> 1, last >> 1];
    }
    expect(hash.toString('base64')).toBe(root);
    expect((await auditor.get('/v1/proofs/inclusion?log=0&index=123')).body).toEqual(body);
    expect((await auditor.get('/v1/proofs/inclusion?index=301')).status).toBe(200);
  });

  it('gives a bundle that holds the newest checkpoint, and refuses a size that does not hold the entry', async () => {
    const { body, type } = await auditor.get(`/v1/proofs/bundle?eventId=${idOf(7)}`);
    expect(type).toContain('text/plain');
    expect(String(body['text'])).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex 7\n/);
    expect(String(body['text']).endsWith((await head()).note)).toBe(true);
    const { rows } = await client.query<{ size: string }>(
      'SELECT min(size) AS size FROM checkpoint WHERE size > 0',
    );
    const smallest = Number(rows[0]?.size);
    if (smallest > 301) return;
    expect((await auditor.get(`/v1/proofs/inclusion?index=301&size=${smallest}`)).status).toBe(400);
  });

  it('publishes its checkpoints where its database has no say', async () => {
    const { note } = await atSize(302);
    const notes: unknown[] = [];
    const subscription = await kafka.subscribe({
      ...{
        topic: topicNames(topicPrefix).state('auditor'),
        group: `t-${randomBytes(4).toString('hex')}`,
        start: 'earliest',
      },
      handle: async (batches) => {
        for (const { value } of recordsOf(batches))
          notes.push((JSON.parse(String(value)) as { note: string }).note);
      },
    });
    while (!notes.includes(note)) await new Promise((resolve) => setTimeout(resolve, 50));
    await subscription.stop();
  });

  it('goes on from where it stands after a restart, and proves that nothing changed', async () => {
    const before = await atSize(302);
    await auditor.stop();
    await write(
      kafka,
      Array.from({ length: 5 }, () => eventRecord(topic)),
    );
    auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
    const after = await atSize(307);
    expect(await new ForeignVerifier(auditor.url).verifyLog()).toBeUndefined();
    const { body } = await auditor.get(`/v1/proofs/consistency?from=302`);
    expect(body).toMatchObject({ log: 0, from: 302, to: after.size, checkpoint: after.note });
    const again = await auditor.get('/v1/proofs/inclusion?index=0&size=302');
    expect(again.body['checkpoint']).toBe(before.note);
  });

  it('has the same root when it is made anew from the topic, also by an auditor that had no tree before', async () => {
    const { root } = await atSize(307);
    await auditor.stop(); // it reads in the same consumer group
    const other = await createTestDatabase();
    const elsewhere = new Client({ connectionString: other.url });
    await elsewhere.connect();
    const settings = { brokers, databaseUrl: other.url, topicPrefix };
    const rootThere = async () => {
      const anew = await RunningAuditor.start(settings);
      try {
        for (;;) {
          const { body } = await anew.get('/log/0/checkpoint');
          const [, size, found] = String(body['text']).split('\n');
          if (Number(size) >= 307) return found;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      } finally {
        await anew.stop();
      }
    };
    try {
      expect(await rootThere()).toBe(root);
      await elsewhere.query(`
        ALTER TABLE tree_node DISABLE TRIGGER USER; ALTER TABLE checkpoint DISABLE TRIGGER USER;
        DELETE FROM tree_node; DELETE FROM checkpoint;`);
      expect(await rootThere()).toBe(root);
    } finally {
      await elsewhere.end();
      await other.drop();
    }
    auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
  });

  it('refuses changes of its tables', async () => {
    for (const table of ['tree_node', 'checkpoint', 'cosignature'])
      await expect(client.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
  });
});
