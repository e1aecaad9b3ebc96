import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaMessageLog, type MessageLog, silentLogger } from '@quorate/messaging';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { findJava } from '../../deploy/embedded/parts/java';
import { kafkaPart } from '../../deploy/embedded/parts/kafka';
import { fetchKafkaJars } from '../../deploy/embedded/parts/kafka-jars';
import { freePorts } from '../../deploy/embedded/ports/free-ports';
import { ProcessGuard } from '../../deploy/embedded/processes/process-guard';
import { stackFolders } from '../../deploy/embedded/files/stack-folders';
import { Supervisor } from '../../deploy/embedded/processes/supervisor';
import { createTestDatabase, type TestDatabase } from './database';

jest.setTimeout(120_000);

const TOPIC = 'restart.test';
const GROUP = 'restart-test';

describe('a broker that is killed and started again', () => {
  let folder: string;
  let guard: ProcessGuard;
  let supervisor: Supervisor;
  let brokers: string[];
  let database: TestDatabase;
  let store: EventStore;
  let log: MessageLog;
  const fatal: Error[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-restart-'));
    const folders = stackFolders(folder);
    guard = await ProcessGuard.start();
    supervisor = new Supervisor(guard, folders.logs, () => undefined);
    const [port = 0] = await freePorts(1);
    brokers = [`127.0.0.1:${port}`];
    const [java, jars] = [await findJava(), await fetchKafkaJars()];
    await supervisor.start(kafkaPart({ folder: join(folders.data, 'kafka'), port, jars, java }));
    database = await createTestDatabase();
    store = await createEventStore({
      url: database.url,
      migrations: [],
      encodeEvent: (event) => ({
        topic: TOPIC,
        key: event.streamId,
        value: Buffer.from('{}'),
        headers: { jws: 'x' },
      }),
      logger: silentLogger,
    });
    log = kafkaMessageLog({ brokers, clientId: 'restart-test' });
    log.onFatal((error) => fatal.push(error));
  });

  afterAll(async () => {
    await store?.close();
    await log?.close();
    await database?.drop();
    await supervisor?.stop();
    await guard?.release();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loses nothing, changes no order, handles each record once, and needs no help', async () => {
    await log.ensureTopics([{ topic: TOPIC, partitions: 1 }]);
    const states: string[] = [];
    await store.startDispatcher(await log.producer(), {
      stalled: () => states.push('stalled'),
      resumed: () => states.push('resumed'),
    });
    const handled: string[] = [];
    const running = await log.subscribe({
      topic: TOPIC,
      group: GROUP,
      start: (partition) => store.inboxPosition(GROUP, TOPIC, partition),
      handle: (batches) =>
        store.handleBatches(GROUP, batches, async (tx, records) => {
          const values = records.map(({ value }) => value?.toString() ?? '');
          tx.afterCommit(() => handled.push(...values));
        }),
    });
    await running.assigned;

    const total = 600;
    for (let n = 0; n < total; n += 1) {
      await store.transaction(async (tx) =>
        tx.publish({ topic: TOPIC, key: 'k', value: Buffer.from(String(n)), headers: {} }, 's'),
      );
      if (n === 200 || n === 400) {
        const broker = supervisor.running.find(({ part }) => part.name === 'kafka');
        if (broker !== undefined) process.kill(broker.pid, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, n === 200 ? 0 : 8000));
      }
    }
    const began = Date.now();
    while (new Set(handled).size < total && Date.now() - began < 60_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect([...new Set(handled)]).toEqual(Array.from({ length: total }, (_, n) => String(n)));
    expect(states).toContain('stalled');
    expect(states.at(-1)).toBe('resumed');
    expect(fatal).toEqual([]);
    await running.caughtUp();
    await running.stop();
  });
});
