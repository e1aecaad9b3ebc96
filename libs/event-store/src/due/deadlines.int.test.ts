import { silentLogger } from '@quorate/messaging';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { type EventStore } from '../event-store';
import { createEventStore } from '../postgres-event-store';
import { until } from '../../../../test/integration/until';
import { Deadlines } from './deadlines';

jest.setTimeout(30_000);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('deadlines', () => {
  let database: TestDatabase;
  let store: EventStore;
  let deadlines: Deadlines;
  /** Keys of rows that were acted on, with the milliseconds that they were late. */
  let late: Map<string, number>;

  const inMs = (ms: number) => new Date(Date.now() + ms);
  const open = () =>
    createEventStore({
      url: database.url,
      migrations: [],
      encodeEvent: () => ({ topic: 'unused', key: null, value: null, headers: {} }),
      logger: silentLogger,
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await open();
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(() => {
    late = new Map();
    deadlines = new Deadlines(store, 1, silentLogger);
    deadlines.start({
      retry: async (_, row) => void late.set(row.key, Date.now() - row.nextActionAt.getTime()),
      repeat: async (tx, row) => {
        late.set(row.key, Date.now() - row.nextActionAt.getTime());
        if (row.key.length < 3) tx.schedule('repeat', `${row.key}+`, inMs(120));
      },
    });
  });
  afterEach(() => deadlines.stop());

  it('are met on time when they were set here, also the next of a series', async () => {
    await pause(100);
    await store.transaction(async (tx) => {
      tx.schedule('retry', 'soon', inMs(200));
      tx.schedule('retry', 'past', inMs(-5_000));
      tx.schedule('repeat', 'a', inMs(120));
    });
    await until(() => late.size === 5, 5_000);
    expect([...late.keys()]).toEqual(['past', 'a', 'soon', 'a+', 'a++']);
    late.delete('past');
    // The regular look alone, once a second, would be later than that; a busy machine is not.
    expect(Math.max(...late.values())).toBeLessThan(500);
  });

  it('may be months away', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await store.transaction(async (tx) => tx.schedule('retry', 'far', inMs(90 * 24 * 3_600_000)));
    const longest = Math.max(...timers.mock.calls.map(([, ms]) => ms ?? 0));
    timers.mockRestore();
    expect(longest).toBe(2 ** 31 - 1);
    await store.transaction(async (tx) => tx.cancelDue('retry', 'far'));
  });

  it.each([6, -6])('are as far away as a process means whose clock is wrong by %d hours', async (hours) => {
    const wrong = Date.now() + hours * 3_600_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(wrong);
    await store.transaction(async (tx) => tx.schedule('far', 'row', new Date(wrong + 60_000)));
    clock.mockRestore();
    const [row] = await store.transaction((tx) =>
      tx.query<{ seconds: number }>(
        `SELECT extract(epoch FROM next_action_at - clock_timestamp())::float AS seconds FROM due WHERE key = 'row'`,
      ),
    );
    await store.transaction(async (tx) => tx.cancelDue('far', 'row'));
    expect(row?.seconds).toBeGreaterThan(50);
    expect(row?.seconds).toBeLessThan(61);
  });

  it('are forgotten when they are cancelled, and moved when they are set again', async () => {
    await store.transaction(async (tx) => {
      tx.schedule('retry', 'cancelled', inMs(150));
      tx.schedule('retry', 'moved', inMs(150));
    });
    await store.transaction(async (tx) => {
      tx.cancelDue('retry', 'cancelled');
      tx.schedule('retry', 'moved', inMs(900));
    });
    await pause(300);
    expect(late.size).toBe(0);
    await until(() => late.has('moved'), 5_000);
    await pause(100);
    expect([...late.keys()]).toEqual(['moved']);
  });

  it('of a process that died are met soon', async () => {
    const other = await open();
    await other.transaction(async (tx) => tx.schedule('retry', 'orphan', inMs(100)));
    await other.close();
    await until(() => late.has('orphan'), 5_000);
    expect(late.get('orphan')).toBeLessThan(3_000);
  });

  it('cost next to nothing while there are none', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const commits = async () => {
      const { rows } = await client.query<{ n: string }>(
        'SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()',
      );
      return Number(rows[0]?.n);
    };
    const before = await commits();
    await pause(4_000);
    const after = await commits();
    await client.end();
    expect(after - before).toBeLessThan(25);
  });
});
