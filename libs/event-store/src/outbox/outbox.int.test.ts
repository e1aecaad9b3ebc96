import { Unavailable } from '@quorate/platform';
import { type LogProducer, memoryMessageLog, type MessageLog, type OutgoingRecord } from '@quorate/messaging';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { type EventStore } from '../event-store';
import { Child } from '../testing/child-process';
import { openTestStore, topicValues } from '../testing/test-store';
import { waitFor } from '../../../../test/integration/until';
import { REMOVAL_MS } from './outbox-row';

jest.setTimeout(60_000);

const message = (text: string): OutgoingRecord => ({
  topic: 'out',
  key: 'k',
  value: Buffer.from(JSON.stringify({ text })),
  headers: { plain: 'text', bytes: Buffer.from([0, 1, 255]) },
});

const written = (n: number) => ({ type: 'written', data: { n }, correlationId: 'c', causationId: 'x' });

describe('outbox', () => {
  let database: TestDatabase;
  let log: MessageLog;
  let producer: LogProducer;
  const opened: EventStore[] = [];
  const children: Child[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    log = memoryMessageLog();
    producer = await log.producer();
  });

  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()));
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await database.drop();
  });

  async function open(): Promise<EventStore> {
    const store = await openTestStore(database.url);
    opened.push(store);
    return store;
  }

  function startChild(script: string, args: string[]): Child {
    const child = Child.start(script, args);
    children.push(child);
    return child;
  }

  const waiting = async (store: EventStore) =>
    (await store.transaction((tx) => tx.query('SELECT id FROM outbox'))).length;
  async function emptied(store: EventStore): Promise<void> {
    await waitFor('the outbox to be empty', async () => (await waiting(store)) === 0);
  }

  /** Postgres frees the lock of a dead process a moment after its death; until then its rows pass for those of a living one. */
  async function noticedDead(store: EventStore): Promise<void> {
    const held = `SELECT FROM outbox WHERE owner <> $1 AND NOT pg_try_advisory_xact_lock(owner)`;
    const dead = async () => (await store.transaction((tx) => tx.query(held, [store.owner]))).length === 0;
    await waitFor('the lock of the dead process to be free', dead);
  }

  it('publishes records and events of committed transactions only, in order, and forgets them', async () => {
    const store = await open();
    await store.startDispatcher(producer);
    for (let n = 0; n < 20; n += 1) {
      await store.transaction(async (tx) => {
        tx.append('s', n, [written(n)]);
        tx.publish(message(`m${n}`), 's');
      });
      await store
        .transaction(async (tx) => {
          tx.publish(message('rolled back'));
          await tx.query('SELECT 1 / 0');
        })
        .catch(() => undefined);
    }
    await emptied(store);
    expect((await topicValues(log, 'out')).map(({ text }) => text)).toEqual(
      Array.from({ length: 20 }, (_, n) => `m${n}`),
    );
    expect((await topicValues(log, 'events')).map(({ n }) => n)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('does not drop rows that an earlier version has not published', async () => {
    const store = await open();
    await store.transaction(async (tx) => {
      tx.publish(message('left'));
      tx.write(`DELETE FROM migration WHERE name LIKE 'PackOutbox%'`);
    });
    // TypeORM says so too.
    const said = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    await expect(open()).rejects.toMatchObject({
      kind: 'fatal',
      message: expect.stringMatching(/start that version until it has published them/) as string,
    });
    said.mockRestore();
    expect(await waiting(store)).toBe(1);
  });

  it('keeps key, headers and null values on the way through the table', async () => {
    const store = await open();
    await store.transaction(async (tx) => {
      tx.publish(message('a'));
      tx.publish({ topic: 'out', key: null, value: null, headers: { dl_key: 'nul\0' } });
    });
    const sent: OutgoingRecord[] = [];
    await store.startDispatcher({
      send: async (records) => void sent.push(...records),
      close: () => Promise.resolve(),
    });
    await emptied(store);
    expect(sent).toEqual([
      {
        ...message('a'),
        key: Buffer.from('k'),
        headers: { plain: Buffer.from('text'), bytes: Buffer.from([0, 1, 255]) },
      },
      { topic: 'out', key: null, value: null, headers: { dl_key: Buffer.from('nul\0') } },
    ]);
  });

  it('sends a failed batch again, whole, before anything newer, with one request outstanding', async () => {
    const store = await open();
    const sent: string[][] = [];
    let outstanding = 0;
    let most = 0;
    const states: string[] = [];
    const flaky: LogProducer = {
      send: async (records) => {
        most = Math.max(most, (outstanding += 1));
        await new Promise((resolve) => setTimeout(resolve, 10));
        outstanding -= 1;
        sent.push(records.map(({ value }) => value?.toString() ?? ''));
        if (sent.length <= 3) throw new Unavailable('test', 'broker away');
      },
      close: () => Promise.resolve(),
    };
    await store.startDispatcher(flaky, {
      stalled: () => states.push('stalled'),
      resumed: () => states.push('resumed'),
    });
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.transaction(async (tx) => tx.publish(message(`m${n}`)))),
    );
    await emptied(store);
    expect(most).toBe(1);
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[3]).toEqual(sent[0]);
    expect(new Set(sent.slice(3).flat()).size).toBe(50);
    expect(sent.slice(3).flat().length).toBe(50);
    expect(states).toEqual(['stalled', 'resumed']);
  });

  it('keeps commit order per stream under concurrency', async () => {
    const store = await open();
    await store.startDispatcher(producer);
    await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        store.transaction(async (tx) => tx.appendNext(`s${n % 5}`, [written(n)]), { durable: n % 3 > 0 }),
      ),
    );
    await emptied(store);
    const events = await topicValues(log, 'events');
    for (let stream = 0; stream < 5; stream += 1) {
      const positions = events
        .filter(({ streamId }) => streamId === `s${stream}`)
        .map((data) => data['streamPosition']);
      expect(positions).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    }
  });

  it('has published rows deleted by later transactions, also when one of them fails', async () => {
    const store = await open();
    await store.startDispatcher(producer);
    for (let n = 0; n < 10; n += 1) {
      await store.transaction(async (tx) => tx.publish(message(`m${n}`)));
      await new Promise((resolve) => setImmediate(resolve));
      await store
        .transaction(async (tx) => {
          tx.publish(message('rolled back'));
          tx.write('SELECT 1 / 0');
        })
        .catch(() => undefined);
    }
    await emptied(store);
    expect(await topicValues(log, 'out')).toHaveLength(10);
  });

  it('publishes more than memory holds while the broker was away', async () => {
    const store = await open();
    let away = true;
    const sent: string[] = [];
    await store.startDispatcher({
      send: async (records) => {
        if (away) throw new Unavailable('test', 'broker away');
        sent.push(...records.map(({ value }) => value?.toString() ?? ''));
      },
      close: () => Promise.resolve(),
    });
    for (let n = 0; n < 24; n += 1) {
      await store.transaction(async (tx) => {
        for (let m = 0; m < 500; m += 1) tx.publish(message(`${n * 500 + m}`));
      });
    }
    away = false;
    await emptied(store);
    expect(sent).toEqual(Array.from({ length: 12_000 }, (_, n) => JSON.stringify({ text: String(n) })));
  });

  it.each([
    ['between commit and publish', 'unpublished', 'committed'],
    ['between publish and delete', 'published', 'published'],
  ])('takes over from a process that was killed %s, in stream order', async (_case, when, ready) => {
    const child = startChild('dying-writer.ts', [database.url, when]);
    await child.printed(ready);
    const store = await open();
    expect(await waiting(store)).toBe(3);
    await child.kill();
    await noticedDead(store);
    await store.startDispatcher(producer);
    await store.transaction(async (tx) => tx.append('s', 3, [written(3)]));
    await emptied(store);
    expect((await topicValues(log, 'events')).map(({ n }) => n)).toEqual([0, 1, 2, 3]);
  });

  it('publishes the rows of a process that dies before later events of the same stream', async () => {
    const store = await open();
    await store.startDispatcher(producer);
    const child = startChild('dying-writer.ts', [database.url, 'unpublished']);
    await child.printed('committed');
    await child.kill();
    await noticedDead(store);
    await store.transaction(async (tx) => tx.append('s', 3, [written(3)]));
    await emptied(store);
    expect((await topicValues(log, 'events')).map(({ n }) => n)).toEqual([0, 1, 2, 3]);
  });

  it('leaves the rows of a living process alone', async () => {
    const living = await open();
    await living.transaction(async (tx) => tx.publish(message('mine')));
    const other = await open();
    await other.startDispatcher(producer);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await topicValues(log, 'out')).toEqual([]);
    await living.startDispatcher(producer);
    await emptied(living);
    expect(await topicValues(log, 'out')).toEqual([{ text: 'mine' }]);
  });

  it('publishes what a process that stands still has of a stream before later events, and lets its copies come later', async () => {
    const still = await open();
    let goOn: () => void = () => undefined;
    const standing = new Promise<void>((resolve) => (goOn = resolve));
    await still.startDispatcher({
      ...producer,
      send: async (records) => {
        await standing;
        await producer.send(records);
      },
    });
    const append = (store: EventStore, n: number) =>
      store.transaction(async (tx) => tx.append('s', n, [written(n)]));
    await append(still, 0);
    await append(still, 1);
    const other = await open();
    await other.startDispatcher(producer);
    // Until then the rows may be on their way.
    await new Promise((resolve) => setTimeout(resolve, 3 * REMOVAL_MS));
    await append(other, 2);
    const seen = async () => (await topicValues(log, 'events')).map(({ n }) => n);
    while ((await seen()).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await seen()).toEqual([0, 1, 2]);
    goOn();
    await emptied(other);
    expect([...new Set(await seen())]).toEqual([0, 1, 2]);
  });

  it('finds out what was committed when the connection breaks during COMMIT', async () => {
    const store = await open();
    await store.startDispatcher(producer);
    // The trigger runs inside COMMIT: the backend ends itself after the answer can no longer be right.
    await store.transaction(async (tx) => {
      await tx.query(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`);
      await tx.query(`CREATE CONSTRAINT TRIGGER die AFTER INSERT ON seen DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die()`);
    });
    const failing = store.transaction(async (tx) => {
      await tx.query(`INSERT INTO seen (text) VALUES ('x')`);
      tx.publish(message('lost'));
    });
    await expect(failing).rejects.toMatchObject({ kind: 'unavailable' });
    await store.transaction(async (tx) => tx.publish(message('after')));
    await emptied(store);
    expect(await topicValues(log, 'out')).toEqual([{ text: 'after' }]);
  });
});
