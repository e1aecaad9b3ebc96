import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { cosignersOf, formatVerifierKey, parseNote } from '@quorate/transparency-log';
import { LogIdentity } from '../../apps/auditor/src/checkpoint/log-identity';
import { auditorKey, ensureTopics, eventRecord, write } from '../../apps/auditor/src/testing/event-writer';
import { RunningAuditor } from '../../apps/auditor/src/testing/running-auditor';
import { WitnessMemory } from '../../apps/cli/src/audit/witness/memory';
import { Witness } from '../../apps/cli/src/audit/witness/witness';
import { createTestDatabase, type TestDatabase } from './database';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';

/** A log of its own: topic, database, auditor. */
class TestLog {
  private constructor(
    readonly auditor: RunningAuditor,
    private readonly kafka: MessageLog,
    private readonly topic: string,
    private readonly database: TestDatabase,
  ) {}

  static async start(witnesses: string): Promise<TestLog> {
    const topicPrefix = `w${randomBytes(4).toString('hex')}.`;
    const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'witness-test' });
    await ensureTopics(kafka, topicPrefix);
    const database = await createTestDatabase();
    const variables = { WITNESSES: witnesses };
    const auditor = await RunningAuditor.start({
      brokers,
      databaseUrl: database.url,
      topicPrefix,
      variables,
    });
    return new TestLog(auditor, kafka, topicNames(topicPrefix).events, database);
  }

  async grow(events: number): Promise<void> {
    const size = (await this.auditor.get('/v1/events?limit=1000')).body.events.length + events;
    await write(
      this.kafka,
      Array.from({ length: events }, () => eventRecord(this.topic)),
    );
    while (!(Number((await this.note()).split('\n')[1]) >= size))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async note(): Promise<string> {
    return String((await this.auditor.get('/v1/checkpoint')).body['text']);
  }

  async stop(): Promise<void> {
    await this.auditor.stop();
    await this.kafka.close();
    await this.database.drop();
  }
}

describe('a witness', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-witness-'));
  const state = join(folder, 'witness.json');
  const { privateKey } = generateKeyPairSync('ed25519');
  const logKey = new LogIdentity('quorate.local/auditor', auditorKey).key(0);
  const witnessOf = (url: string, name = 'witness.test/w1') =>
    new Witness({
      url,
      log: 0,
      logKey,
      name,
      privateKey,
      memory: new WitnessMemory(state),
      now: () => Date.now(),
    });
  const { key } = witnessOf('http://127.0.0.1');
  let log: TestLog;
  let other: TestLog;

  beforeAll(async () => {
    [log, other] = await Promise.all([
      TestLog.start(formatVerifierKey(key)),
      TestLog.start(formatVerifierKey(key)),
    ]);
  });
  afterAll(async () => {
    await Promise.all([log?.stop(), other?.stop()]);
    rmSync(folder, { recursive: true });
  });

  it('cosigns what continues, and the auditor serves it', async () => {
    const witness = witnessOf(log.auditor.url);
    for (const events of [3, 5]) {
      await log.grow(events);
      await witness.cosignNewest();
      expect(cosignersOf(parseNote(await log.note()), [key])).toEqual([key]);
    }
    // Once more changes nothing.
    const before = await log.note();
    await witness.cosignNewest();
    expect(await log.note()).toBe(before);
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ origin: logKey.name, size: 8 });
  });

  it('cosigns neither another history nor one that is shorter, and says so', async () => {
    await other.grow(2);
    await expect(witnessOf(other.auditor.url).cosignNewest()).rejects.toMatchObject({ code: 'fork' });
    await other.grow(20);
    await expect(witnessOf(other.auditor.url).cosignNewest()).rejects.toMatchObject({ code: 'fork' });
    expect(cosignersOf(parseNote(await other.note()), [key])).toEqual([]);
  });

  it('cosigns one history when two processes of it look at two', async () => {
    const size = (url: string) => witnessOf(url).cosignNewest();
    await size(log.auditor.url);
    await log.grow(1);
    const before = readFileSync(state, 'utf8');
    // Both start from the same memory; whoever is second does not know what it would contradict.
    const both = await Promise.allSettled([size(log.auditor.url), size(log.auditor.url)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'state' } });
    expect(readFileSync(state, 'utf8')).not.toBe(before);
  });

  it('that is not among WITNESSES is refused, and nothing forged is kept', async () => {
    const stranger = witnessOf(log.auditor.url, 'witness.test/stranger');
    await expect(stranger.cosignNewest()).rejects.toThrow('answers 403');
    const hand = async (checkpoint: unknown) =>
      (
        await fetch(`${log.auditor.url}/v1/cosignatures`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ log: 0, checkpoint }),
        })
      ).status;
    const note = await log.note();
    const [line = ''] = note.split('\n').slice(-2);
    const forged = Buffer.from(line.split(' ')[2] ?? '', 'base64');
    forged.writeUInt8(forged.readUInt8(20) ^ 1, 20);
    expect(await hand(note.replace(line.split(' ')[2] ?? '', forged.toString('base64')))).toBe(400);
    expect(await hand(7)).toBe(400);
    expect(await hand('no note')).toBe(400);
    expect(await hand(await other.note())).toBe(403);
  });

  it('does not forget: a damaged memory stops it', async () => {
    writeFileSync(state, '{');
    await expect(witnessOf(log.auditor.url).cosignNewest()).rejects.toThrow('must not forget');
  });
});
