import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { auditorKey, ensureTopics, eventRecord, write } from '../testing/event-writer';
import { ForeignVerifier, rootOf, sha256 } from '../testing/foreign-verifier';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const FIRST = 300;
const SIZE = 307;
const TABLES = ['audit_entry', 'tree_node', 'checkpoint'];

/** What who owns the tables does to them, and what a verifier says who has only the log's public key. */
describe('tampering with the database', () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  let kafka: MessageLog;
  let database: TestDatabase;
  let auditor: RunningAuditor;
  let client: Client;
  let verifier: ForeignVerifier;
  /** The newest checkpoint before anybody tampered. */
  let kept: string;

  beforeAll(async () => {
    kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'tampering-test' });
    await ensureTopics(kafka, topicPrefix);
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
    verifier = new ForeignVerifier(auditor.url);
    const { events: topic } = topicNames(topicPrefix);
    const append = async (count: number, size: number) => {
      await write(
        kafka,
        Array.from({ length: count }, (_, n) => eventRecord(topic, { payload: { n } })),
      );
      for (let note = ''; !note.includes(`\n${size}\n`);) note = await verifier.text('/log/0/checkpoint');
    };
    await append(FIRST, FIRST);
    await append(SIZE - FIRST, SIZE);
    kept = await verifier.text('/log/0/checkpoint');
    for (const table of TABLES)
      await client.query(
        `ALTER TABLE ${table} DISABLE TRIGGER USER; CREATE TABLE kept_${table} AS TABLE ${table}`,
      );
  });
  afterEach(async () => {
    for (const table of TABLES)
      await client.query(`DELETE FROM ${table}; INSERT INTO ${table} TABLE kept_${table}`);
    expect(await verifier.verifyLog(kept)).toBeUndefined();
  });
  afterAll(async () => {
    await auditor.stop();
    await client.end();
    await kafka.close();
    await database.drop();
  });

  const flip = 'UPDATE audit_entry SET value = set_byte(value, 5, get_byte(value, 5) # 1) WHERE index = 17';

  it.each([
    ['a changed byte', flip, 'tile 000 differs'],
    ['a removed row', 'DELETE FROM audit_entry WHERE index = 20', 'bundle 000 has 255 entries'],
    [
      'swapped rows',
      `UPDATE audit_entry AS one SET value = other.value, headers = other.headers FROM audit_entry AS other
       WHERE (one.index, other.index) IN ((3, 4), (4, 3))`,
      'tile 000 differs',
    ],
    [
      'an inserted row',
      `UPDATE audit_entry SET index = index + 1000 WHERE index >= 100;
       UPDATE audit_entry SET index = index - 999 WHERE index >= 1000;
       INSERT INTO audit_entry (log, index, gap, key, value, headers, verified)
       SELECT log, 100, gap, key, value, headers, verified FROM audit_entry WHERE index = 20`,
      'tile 000 differs',
    ],
    ['a truncated tail', `DELETE FROM audit_entry WHERE index >= ${FIRST}`, 'bundle 001.p/51 has 44 entries'],
    [
      'a changed node of the tree',
      'UPDATE tree_node SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE level = 0 AND index = 300',
      'tile 001.p/51 differs',
    ],
  ])('is seen: %s', async (_, change, finding) => {
    await client.query(change);
    expect(await verifier.verifyLog()).toBe(finding);
  });

  it('is seen: a tail that was truncated everywhere, by whoever kept a checkpoint', async () => {
    await client.query(`
      DELETE FROM audit_entry WHERE index >= ${FIRST};
      DELETE FROM tree_node WHERE (index + 1) << level > ${FIRST};
      DELETE FROM checkpoint WHERE size > ${FIRST}`);
    expect(await verifier.verifyLog()).toBeUndefined();
    expect(await verifier.verifyLog(kept)).toBe('shorter than the kept checkpoint');
  });

  /** A signed note (C2SP signed-note) over this tree in place of the newest checkpoint. */
  const replaceCheckpoint = async (root: string, key: KeyObject) => {
    const [origin = ''] = kept.split('\n');
    const [, id = ''] = /\n\n\u2014 \S+ (\S+)\n$/.exec(kept) ?? [];
    const text = `${origin}\n${SIZE}\n${root}\n`;
    const signature = Buffer.concat([
      Buffer.from(id, 'base64').subarray(0, 4),
      sign(null, Buffer.from(text), key),
    ]);
    const note = `${text}\n\u2014 ${origin} ${signature.toString('base64')}\n`;
    await client.query('UPDATE checkpoint SET note = $1 WHERE size = $2', [note, SIZE]);
  };

  it('is seen: a forged checkpoint, of another key or another root', async () => {
    const [, , root = ''] = kept.split('\n');
    await replaceCheckpoint(root, generateKeyPairSync('ed25519').privateKey);
    expect(await verifier.verifyLog()).toBe('signature');
    await replaceCheckpoint(sha256().toString('base64'), auditorKey);
    expect(await verifier.verifyLog()).toBe('root');
  });

  it('is seen: another history, signed by the log itself, by whoever kept a checkpoint', async () => {
    await client.query(flip);
    const leaves = [...(await verifier.bundle('000')), ...(await verifier.bundle(`001.p/${SIZE - 256}`))];
    for (let level = 0; 1 << level <= SIZE; level += 1) {
      const width = 1 << level;
      const index = 17 >> level;
      const hash = rootOf(leaves.slice(index * width, (index + 1) * width));
      if ((index + 1) * width <= SIZE)
        await client.query('UPDATE tree_node SET hash = $1 WHERE level = $2 AND index = $3', [
          hash,
          level,
          index,
        ]);
    }
    await replaceCheckpoint(rootOf(leaves).toString('base64'), auditorKey);
    expect(await verifier.verifyLog()).toBeUndefined();
    expect(await verifier.verifyLog(kept)).toBe('not the history of the kept checkpoint');
  });
});
