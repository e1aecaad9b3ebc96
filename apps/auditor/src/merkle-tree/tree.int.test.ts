import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { kafkaMessageLog, type MessageLog, recordsOf } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { auditorKey, ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, from the leaves. */
function rootOf(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), first);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A verifier that knows the published formats only, none of the project's code. */
class ForeignVerifier {
  constructor(private readonly url: string) {}

  /** Reads the whole log by its tiles. @returns what is wrong with it, if anything */
  async verifyLog(): Promise<string | undefined> {
    const note = await this.text('/log/0/checkpoint');
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const [, name = '', encoded = ''] = /\n\n\u2014 (\S+) (\S+)\n$/.exec(note) ?? [];
    const signature = Buffer.from(encoded, 'base64').subarray(4);
    if (!verify(null, Buffer.from(text), createPublicKey(auditorKey), signature)) return 'signature';
    const [origin, sizeText, root] = text.split('\n');
    if (origin !== name) return 'origin';
    const size = Number(sizeText);
    const leaves: Buffer[] = [];
    for (let n = 0; n * 256 < size; n += 1) {
      const width = Math.min(256, size - n * 256);
      const path = `${String(n).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
      const [entries, tile] = [
        await this.bytes(`/log/0/tile/entries/${path}`),
        await this.bytes(`/log/0/tile/0/${path}`),
      ];
      if (entries === undefined || tile === undefined) return `tile ${path} is missing`;
      const bundle: Buffer[] = [];
      for (let at = 0; at < entries.length;) {
        const length = entries.readUInt16BE(at);
        bundle.push(entries.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
      if (bundle.length !== width) return `bundle ${path} has ${bundle.length} entries`;
      if (!Buffer.concat(bundle.map((leaf) => sha256(Buffer.of(0), leaf))).equals(tile))
        return `tile ${path} differs`;
      leaves.push(...bundle);
    }
    return rootOf(leaves).toString('base64') === root ? undefined : 'root';
  }

  private async text(path: string): Promise<string> {
    return (await fetch(`${this.url}${path}`)).text();
  }

  private async bytes(path: string): Promise<Buffer | undefined> {
    const answer = await fetch(`${this.url}${path}`);
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
  }
}

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

  it('shows every tampering of its database to a verifier', async () => {
    const verifier = new ForeignVerifier(auditor.url);
    await client.query(
      'ALTER TABLE audit_entry DISABLE TRIGGER USER; ALTER TABLE tree_node DISABLE TRIGGER USER',
    );
    const tampered = async (change: string, undo: string) => {
      await client.query(change);
      const finding = await verifier.verifyLog();
      await client.query(undo);
      expect(await verifier.verifyLog()).toBeUndefined();
      return finding;
    };
    const flip = `UPDATE audit_entry SET value = set_byte(value, 5, get_byte(value, 5) # 1) WHERE index = 17`;
    expect(await tampered(flip, flip)).toBe('tile 000 differs');
    const swap = `UPDATE audit_entry AS one SET value = other.value, headers = other.headers FROM audit_entry AS other
      WHERE (one.index, other.index) IN ((3, 4), (4, 3))`;
    expect(await tampered(swap, swap)).toBe('tile 000 differs');
    const node = `UPDATE tree_node SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE level = 0 AND index = 300`;
    expect(await tampered(node, node)).toBe('tile 001.p/51 differs');
    await client.query('CREATE TABLE kept AS SELECT * FROM audit_entry WHERE index = 20');
    const put = 'INSERT INTO audit_entry SELECT * FROM kept';
    expect(await tampered('DELETE FROM audit_entry WHERE index = 20', put)).toBe(
      'bundle 000 has 255 entries',
    );
  });

  it('refuses changes of its tables', async () => {
    await client.query('ALTER TABLE tree_node ENABLE TRIGGER USER');
    for (const table of ['tree_node', 'checkpoint', 'cosignature'])
      await expect(client.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
  });
});
