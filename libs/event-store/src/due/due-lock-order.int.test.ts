import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { type EventStore, type StoreTransaction } from '../event-store';
import { openTestStore } from '../testing/test-store';
import { waitFor } from '../../../../test/integration/until';

const event = { type: 'tested', data: {}, correlationId: 'c', causationId: 'c' };

jest.setTimeout(60_000);

describe('what is due, and a transaction that makes it needless', () => {
  let database: TestDatabase;
  let store: EventStore;
  let observer: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await openTestStore(database.url);
    observer = new Client({ connectionString: database.url });
    await observer.connect();
  });
  afterAll(async () => {
    await observer.end();
    await store.close();
    await database.drop();
  });

  const untilSomebodyWaits = async () => {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await waitFor('somebody to wait for a lock', async () => (await observer.query(waiting)).rows.length > 0);
  };

  it.each(['cancels it', 'moves it'])(
    'take turns when it %s: the later one sees that the stream has moved on',
    async (how) => {
      const stream = `request-${how}`;
      await store.transaction(async (tx) => {
        tx.append(stream, 0, [event]);
        tx.schedule('sign', stream, new Date(Date.now() - 1_000));
      });
      let carryOn = (): void => undefined;
      const gate = new Promise<void>((resolve) => (carryOn = resolve));
      let answered: Promise<unknown> = Promise.resolve();
      const carriedOut = await Promise.all([
        store.takeDue(['sign'], 10, async (tx) => {
          answered = store
            .transaction(async (other) => {
              other.append(stream, 1, [event]);
              if (how === 'moves it') other.schedule('sign', stream, new Date(Date.now() + 60_000));
              else other.cancelDue('sign', stream);
            })
            .catch((error: unknown) => error);
          await gate;
          tx.append(stream, 1, [event]);
        }),
        untilSomebodyWaits().then(carryOn),
      ]);
      expect(carriedOut[0]).toBe(1);
      expect(await answered).toMatchObject({ kind: 'conflict', code: 'version' });
      const [version] = (await store.transaction((tx) => tx.readVersions([stream]))).values();
      expect(version).toBe(2);
    },
  );

  it.each(['moves it', 'cancels it'])(
    'gives way where it waits for a transaction that %s: that one commits, and the row is not lost',
    async (how) => {
      const key = `gives-way-${how}`;
      const waited = async () =>
        (await observer.query('SELECT key FROM due WHERE key = $1', [key])).rows.length;
      await observer.query('CREATE TABLE IF NOT EXISTS work (id text PRIMARY KEY)');
      await observer.query('INSERT INTO work VALUES ($1)', [key]);
      await store.transaction(async (tx) => tx.schedule('give-way', key, new Date(Date.now() - 1_000)));
      const lock = (tx: StoreTransaction) => tx.query('SELECT FROM work WHERE id = $1 FOR UPDATE', [key]);
      let taken: Promise<unknown> = Promise.resolve();
      await store.transaction(async (tx) => {
        await lock(tx);
        taken = store
          .takeDue(['give-way'], 1, async (other) => void (await lock(other)))
          .catch((e: unknown) => e);
        await untilSomebodyWaits();
        if (how === 'moves it') tx.schedule('give-way', key, new Date(Date.now() + 60_000));
        else tx.cancelDue('give-way', key);
      });
      expect(await taken).toMatchObject({ kind: 'unavailable', details: { state: '55P03' } });
      expect(await waited()).toBe(how === 'moves it' ? 1 : 0);
    },
  );

  it('asks to try again when two transactions wait for each other, whichever of their statements Postgres ends', async () => {
    const insert = `INSERT INTO due (kind, key, next_action_at) VALUES ('sign', $1, now())`;
    const id = (name: string) => `deadlock-${name}`;
    const first = new Client({ connectionString: database.url });
    // Whatever fails here, the database can be dropped.
    first.on('error', () => undefined);
    await first.connect();
    await first.query('BEGIN');
    // So that Postgres ends the other one.
    await first.query('SET LOCAL deadlock_timeout = 60000');
    await first.query(insert, [id('a')]);
    // It has the second row and waits for the first; the connection that has the first then waits for the second.
    const waits = store
      .transaction(async (tx) => {
        await tx.query(insert, [id('b')]);
        await tx.query(`SET LOCAL deadlock_timeout = '2s'`);
        tx.schedule('sign', id('a'), new Date());
        tx.append('deadlock', 0, [event]);
        tx.publish({ topic: 't', key: null, value: null, headers: {} });
      })
      .then(() => 'committed')
      .catch((error: unknown) => error);
    await untilSomebodyWaits();
    const other = first.query(insert, [id('b')]);
    expect(await waits).toMatchObject({ kind: 'unavailable', code: 'database' });
    await other;
    await first.query('ROLLBACK');
    await first.end();
  });
});
