import { randomUUID } from 'node:crypto';
import { Conflict, Invalid, Unavailable } from '@quorate/platform';
import { type LogRecord, silentLogger } from '@quorate/messaging';
import { createTestDatabase, type TestDatabase } from '../../../test/integration/database';
import { type NewEvent } from './event';
import { type EventStore, type StoreTransaction } from './event-store';
import { testBatch as batch } from './testing/test-batch';
import { openTestStore } from './testing/test-store';

jest.setTimeout(30_000);

const event = (type: string, data: object = {}): NewEvent => ({
  type,
  data,
  correlationId: 'c',
  causationId: 'x',
});

async function remember(tx: StoreTransaction, records: LogRecord[]): Promise<void> {
  for (const { value } of records) {
    const text = value?.toString() ?? '';
    if (text === 'bad') throw new Invalid('test', 'cannot handle this');
    await tx.query('INSERT INTO seen (text) VALUES ($1)', [text]);
  }
}

describe('EventStore', () => {
  let database: TestDatabase;
  let store: EventStore;
  let other: EventStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    [store, other] = await Promise.all([openTestStore(database.url), openTestStore(database.url)]);
  });

  beforeEach(() => store.transaction((tx) => tx.query('TRUNCATE seen, event, inbox, outbox, due')));

  afterAll(async () => {
    await Promise.all([store.close(), other.close()]);
    await database.drop();
  });

  const seen = () =>
    store.transaction(async (tx) =>
      (await tx.query<{ text: string }>('SELECT text FROM seen ORDER BY n')).map((row) => row.text),
    );
  const read = async (streamId: string, from = store) =>
    (await from.transaction((tx) => tx.readStreams([streamId]))).get(streamId) ?? [];

  const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

  it('sends rows for one statement together, the last of each key, where the first of them stands', async () => {
    const add = `INSERT INTO seen (n, text) SELECT * FROM unnest($1::bigint[], $2::text[])`;
    const change = `UPDATE seen SET text = r.text FROM unnest($1::bigint[], $2::text[]) AS r(n, text) WHERE seen.n = r.n`;
    await store.transaction(async (tx) => {
      tx.writeRow(add, [1, 'a']);
      tx.writeRow(change, [1, 'b'], '1');
      tx.writeRow(add, [2, 'a']);
      tx.writeRow(change, [2, 'b'], '2');
      tx.writeRow(change, [1, 'c'], '1');
    });
    expect(await seen()).toEqual(['c', 'b']);
  });

  it('logs events that are committed, and no others', async () => {
    const lines: object[] = [];
    const logger = { ...silentLogger, debug: (fields: object) => void lines.push(fields) };
    const logging = await openTestStore(database.url, { logger });
    try {
      await logging.transaction((tx) => Promise.resolve(tx.append('s', 0, [event('one')])));
      const again = logging.transaction((tx) => Promise.resolve(tx.append('s', 0, [event('again')])));
      await expect(again).rejects.toThrow(Conflict);
    } finally {
      await logging.close();
    }
    expect(lines).toEqual([
      expect.objectContaining({ correlationId: 'c', type: 'one', streamId: 's', streamPosition: 1 }),
    ]);
  });

  describe('streams', () => {
    it('keeps events in order with their signed bytes', async () => {
      await store.transaction(async (tx) => {
        tx.append('s', 0, [event('one', { n: 1 }), event('two', { n: 2 })]);
        tx.append('s', 2, [event('three', { n: 3 })]);
      });
      const events = await read('s');
      expect(events.map(({ type, position }) => [type, position])).toEqual([
        ['one', 1],
        ['two', 2],
        ['three', 3],
      ]);
      expect(events[0]?.data).toMatchObject({ n: 1, streamPosition: 1, correlationId: 'c' });
      expect(events[0]?.jws).toBe(`jws-of-${events[0]?.eventId}`);
      expect(JSON.parse(events[0]?.value.toString() ?? '')).toEqual(events[0]?.data);
    });

    it('sends what is written with the rest, and says what its failure means', async () => {
      await store.transaction(async (tx) =>
        tx.write('INSERT INTO seen (n, text) VALUES ($1, $2)', [7, 'once']),
      );
      const again = store.transaction(async (tx) => {
        tx.append('w', 0, [event('not kept')]);
        tx.write('INSERT INTO seen (n, text) VALUES ($1, $2)', [7, 'twice'], (error) =>
          error.code === 'unique' ? new Conflict('version', 'taken') : error,
        );
      });
      await expect(again).rejects.toMatchObject({ kind: 'conflict', code: 'version' });
      expect(await store.transaction((tx) => tx.query('SELECT text FROM seen'))).toEqual([{ text: 'once' }]);
      expect((await store.transaction((tx) => tx.readStreams(['w']))).get('w')).toEqual([]);
    });

    it('refuses an append at another version', async () => {
      await store.transaction(async (tx) => tx.append('s', 0, [event('one')]));
      for (const version of [0, 2]) {
        const failing = store.transaction(async (tx) => tx.append('s', version, [event('again')]));
        await expect(failing).rejects.toMatchObject({ kind: 'conflict', code: 'version' });
      }
      expect((await read('s')).length).toBe(1);
    });

    it('takes an expected version that nobody read, and lets one of those win that expect the same', async () => {
      await store.transaction(async (tx) => tx.append('s', 0, [event('one'), event('two')]));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 6 }, (_, n) =>
          (n % 2 ? store : other).transaction(async (tx) => {
            tx.append('a', 0, [event('kept with it', { n })]);
            tx.append('s', 2, [event('three', { n })]);
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ kind: 'conflict', code: 'version' });
      expect((await read('s')).map(({ position }) => position)).toEqual([1, 2, 3]);
      expect((await read('a')).length).toBe(1);
    });

    it('leaves no gap behind a stream that is shorter than expected', async () => {
      await store.transaction(async (tx) => tx.append('s', 0, [event('one')]));
      const failing = store.transaction(async (tx) => {
        tx.append('s', 1, [event('two')]);
        tx.append('t', 5, [event('six')]);
      });
      await expect(failing).rejects.toMatchObject({ kind: 'conflict', code: 'version' });
      expect((await read('s')).length).toBe(1);
      expect((await read('t')).length).toBe(0);
    });

    it('calls what cannot be sent invalid, and commits nothing', async () => {
      const failing = store.transaction(async (tx) => {
        tx.append('s', 0, [event('one')]);
        tx.write('INSERT INTO seen (text) VALUES ($1)', [{ big: 1n }]);
      });
      await expect(failing).rejects.toMatchObject({ kind: 'invalid' });
      expect(await read('s')).toEqual([]);
    });

    it('lets one of two concurrent deciders win', async () => {
      const decide = (from: EventStore) =>
        from.transaction(async (tx) => {
          const version = (await tx.readStreams(['s'])).get('s')?.length ?? 0;
          await new Promise((resolve) => setTimeout(resolve, 50));
          tx.append('s', version, [event('decided')]);
        });
      const outcomes = await Promise.allSettled([decide(store), decide(other)]);
      const failed = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [String(outcome.reason)] : [],
      );
      expect(failed).toEqual([expect.stringContaining('Conflict')]);
      expect((await read('s')).length).toBe(1);
    });

    it('appends at the end from many transactions at once', async () => {
      await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          (n % 2 ? store : other).transaction(async (tx) => tx.appendNext('s', [event('next', { n })])),
        ),
      );
      expect((await read('s')).map(({ position }) => position)).toEqual(
        Array.from({ length: 30 }, (_, n) => n + 1),
      );
    });

    it('refuses a second event with the same id', async () => {
      const eventId = randomUUID();
      await store.transaction(async (tx) => tx.append('s', 0, [{ ...event('one'), eventId }]));
      const failing = store.transaction(async (tx) => tx.append('t', 0, [{ ...event('one'), eventId }]));
      await expect(failing).rejects.toMatchObject({ kind: 'conflict', code: 'unique' });
    });
  });

  describe('transactions', () => {
    it('leaves nothing behind when the function throws', async () => {
      const failing = store.transaction(async (tx) => {
        await tx.query(`INSERT INTO seen (text) VALUES ('x')`);
        tx.append('s', 0, [event('one')]);
        throw new Invalid('test', 'no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await seen()).toEqual([]);
      expect(await read('s')).toEqual([]);
    });

    it('runs effects only after the commit', async () => {
      const effects: string[] = [];
      await store.transaction(async (tx) => {
        tx.afterCommit(() => effects.push('committed'));
        await tx.query('SELECT 1');
        expect(effects).toEqual([]);
      });
      await store
        .transaction(async (tx) => {
          tx.afterCommit(() => effects.push('never'));
          throw new Invalid('test', 'no');
        })
        .catch(() => undefined);
      expect(effects).toEqual(['committed']);
    });

    it('does not commit what a swallowed statement error has aborted', async () => {
      const failing = store.transaction(async (tx) => {
        await tx.query('SELECT 1 / 0').catch(() => undefined);
      });
      await expect(failing).rejects.toMatchObject({ kind: 'invalid' });
    });

    it('calls a lost connection unavailable and goes on with another one', async () => {
      const failing = store.transaction((tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
      await expect(failing).rejects.toBeInstanceOf(Unavailable);
      await store.transaction((tx) => tx.query(`INSERT INTO seen (text) VALUES ('later')`));
      expect(await seen()).toEqual(['later']);
    });

    it('undoes what hangs between two statements, and lets go of its locks', async () => {
      const hanging = await openTestStore(database.url, { idleTransactionMs: 300 });
      await store.transaction((tx) => tx.query(`INSERT INTO seen (n, text) VALUES (1, 'before')`));
      const failing = hanging.transaction(async (tx) => {
        await tx.query(`UPDATE seen SET text = 'never' WHERE n = 1`);
        await store.transaction((waiting) => waiting.query('SELECT FROM seen WHERE n = 1 FOR UPDATE'));
        await tx.query('SELECT 1');
      });
      await expect(failing).rejects.toBeInstanceOf(Unavailable);
      expect(await seen()).toEqual(['before']);
      await hanging.close();
    });

    it('commits without waiting for the disk when asked', async () => {
      const setting = await store.transaction((tx) => tx.query('SHOW synchronous_commit'), {
        durable: false,
      });
      expect(setting).toEqual([{ synchronous_commit: 'off' }]);
      const usual = await store.transaction((tx) => tx.query('SHOW synchronous_commit'));
      expect(usual).toEqual([{ synchronous_commit: 'on' }]);
    });
  });

  describe('announcements', () => {
    it('reach every process that listens, also after its connection was lost', async () => {
      const heard: string[] = [];
      await Promise.all([
        store.listen('News', (message) => heard.push(`store ${message}`)),
        other.listen('News', (message) => heard.push(`other ${message}`)),
      ]);
      const announce = () => store.transaction((tx) => tx.query(`SELECT pg_notify('News', 'one')`));
      await announce();
      while (heard.length < 2) await pause();
      expect(heard.sort()).toEqual(['other one', 'store one']);
      await store.transaction((tx) =>
        tx.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'quorate owner' AND datname = current_database()`,
        ),
      );
      heard.splice(0);
      while (new Set(heard).size < 2) await Promise.all([announce(), pause()]);
      expect(new Set(heard)).toEqual(new Set(['other one', 'store one']));
    });

    it('name a process by a lock that others get once it is gone', async () => {
      const gone = await openTestStore(database.url);
      const isGone = async () => {
        const [row] = await store.transaction((tx) =>
          tx.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS got', [gone.owner]),
        );
        return row?.got;
      };
      expect(await isGone()).toBe(false);
      await gone.close();
      while (!(await isGone())) await pause();
    });
  });

  describe('inbox', () => {
    it('moves with each batch and tells where to start', async () => {
      expect(await store.inboxPosition('c', 'in', 0)).toBe('earliest');
      await store.handleBatches('c', [batch(7n, ['a', 'b'])], remember);
      await store.handleBatches('c', [batch(12n, ['c'], { firstOffset: 9n })], remember);
      expect(await store.inboxPosition('c', 'in', 0)).toBe(13n);
      expect(await seen()).toEqual(['a', 'b', 'c']);
    });

    it('handles a batch once when it is delivered twice', async () => {
      await store.handleBatches('c', [batch(0n, ['a'])], remember);
      const again = store.handleBatches('c', [batch(0n, ['a'])], remember);
      await expect(again).rejects.toMatchObject({ kind: 'unavailable', code: 'inbox-fenced' });
      expect(await seen()).toEqual(['a']);
    });

    it('fences a zombie that handles the batch of its successor', async () => {
      const zombie = store.handleBatches('c', [batch(0n, ['a'])], async (tx, records) => {
        await remember(tx, records);
        await new Promise((resolve) => setTimeout(resolve, 200));
      });
      const successor = other.handleBatches('c', [batch(0n, ['a'])], remember);
      const outcomes = await Promise.allSettled([zombie, successor]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect(outcomes.find((outcome) => outcome.status === 'rejected')).toMatchObject({
        reason: { code: 'inbox-fenced' },
      });
      expect(await seen()).toEqual(['a']);
    });

    it('moves several partitions in one transaction', async () => {
      const both = (first: bigint) => [
        batch(first, [`one-${first}`], { partition: 1 }),
        batch(first, [`zero-${first}`], { partition: 0 }),
      ];
      await store.handleBatches('c', both(0n), remember);
      await store.handleBatches('c', both(1n), remember);
      expect((await seen()).sort()).toEqual(['one-0', 'one-1', 'zero-0', 'zero-1']);
      expect(await Promise.all([0, 1].map((partition) => store.inboxPosition('c', 'in', partition)))).toEqual(
        [2n, 2n],
      );
    });

    it('moves none of several partitions when one of them was moved by somebody else', async () => {
      await store.handleBatches('c', [batch(0n, ['x'], { partition: 1 })], remember);
      const fenced = store.handleBatches(
        'c',
        [batch(0n, ['a']), batch(0n, ['b'], { partition: 1 }), batch(0n, ['c'], { partition: 2 })],
        remember,
      );
      await expect(fenced).rejects.toMatchObject({ kind: 'unavailable', code: 'inbox-fenced' });
      expect(await seen()).toEqual(['x']);
      const positions = [0, 1, 2].map((partition) => store.inboxPosition('c', 'in', partition));
      expect(await Promise.all(positions)).toEqual(['earliest', 1n, 'earliest']);
    });

    it('lets one of two processes win that handle the same partitions in different order', async () => {
      for (let first = 0n; first < 20n; first += 1n) {
        const batches = [0, 1, 2].map((partition) => batch(first, [`p${partition}`], { partition }));
        const outcomes = await Promise.allSettled([
          store.handleBatches('c', batches, remember),
          other.handleBatches('c', [...batches].reverse(), remember),
        ]);
        const failures = outcomes.flatMap((one) =>
          one.status === 'rejected' ? [one.reason as unknown] : [],
        );
        expect(failures).toEqual([expect.objectContaining({ code: 'inbox-fenced' })]);
      }
      expect((await seen()).length).toBe(60);
    });

    it('finds the poison among the records of several partitions', async () => {
      const poison: [number, bigint][] = [];
      const batches = [
        batch(0n, ['a', 'bad'], { partition: 1 }),
        batch(5n, ['b'], { firstOffset: 3n }),
        batch(7n, [], { partition: 2, nextOffset: 9n }),
      ];
      await store.handleBatches('c', batches, remember, {
        onPoison: async (_tx, record) => void poison.push([record.partition, record.offset]),
      });
      expect((await seen()).sort()).toEqual(['a', 'b']);
      expect(poison).toEqual([[1, 1n]]);
      const positions = [0, 1, 2].map((partition) => store.inboxPosition('c', 'in', partition));
      expect(await Promise.all(positions)).toEqual([6n, 2n, 9n]);
    });

    it('handles the rest of a batch when one record is poison', async () => {
      const poison: [string, bigint][] = [];
      await store.handleBatches('c', [batch(0n, ['a', 'bad', 'b'])], remember, {
        onPoison: async (tx, record, error) => {
          poison.push([error.message, record.offset]);
          await tx.query(`INSERT INTO seen (text) VALUES ('dead letter')`);
        },
      });
      expect(await seen()).toEqual(['a', 'dead letter', 'b']);
      expect(poison).toEqual([['cannot handle this', 1n]]);
      expect(await store.inboxPosition('c', 'in', 0)).toBe(3n);
    });

    it('also calls poison what Postgres refuses', async () => {
      const poison: bigint[] = [];
      await store.handleBatches('c', [batch(0n, ['a', 'nul\0', 'b'])], remember, {
        onPoison: async (_tx, record) => void poison.push(record.offset),
      });
      expect(await seen()).toEqual(['a', 'b']);
      expect(poison).toEqual([1n]);
    });

    it('does not call poison what fails because something is away', async () => {
      const failing = store.handleBatches(
        'c',
        [batch(0n, ['a'])],
        async () => {
          throw new Unavailable('test', 'away');
        },
        { onPoison: () => Promise.reject(new Error('must not be called')) },
      );
      await expect(failing).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await store.inboxPosition('c', 'in', 0)).toBe('earliest');
    });

    it('decides again when another process appended meanwhile', async () => {
      let attempts = 0;
      await store.handleBatches('c', [batch(0n, ['a'])], async (tx) => {
        const version = (await tx.readStreams(['s'])).get('s')?.length ?? 0;
        attempts += 1;
        if (attempts === 1)
          await other.transaction(async (rival) => rival.append('s', version, [event('rival')]));
        tx.append('s', version, [event('own')]);
      });
      expect((await read('s')).map(({ type }) => type)).toEqual(['rival', 'own']);
      expect(attempts).toBe(2);
    });
  });

  describe('due rows', () => {
    const past = () => new Date(Date.now() - 1000);

    it('are taken when their time has come, once, by one of two takers', async () => {
      await store.transaction(async (tx) => {
        for (let n = 0; n < 40; n += 1) tx.schedule('deadline', `k${n}`, past(), { n });
        tx.schedule('deadline', 'later', new Date(Date.now() + 60_000));
        tx.schedule('other', 'k0', past());
      });
      const taken: string[] = [];
      const take = (from: EventStore) =>
        from.takeDue(['deadline'], 15, async (_tx, row) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          taken.push(row.key);
        });
      const counts = await Promise.all([take(store), take(other)]);
      expect(counts).toEqual([15, 15]);
      expect(await take(store)).toBe(10);
      expect(await take(store)).toBe(0);
      expect(new Set(taken).size).toBe(40);
    });

    it('can be moved, cancelled and scheduled again by their action', async () => {
      await store.transaction(async (tx) => {
        tx.schedule('deadline', 'a', new Date(Date.now() + 60_000));
        tx.schedule('deadline', 'b', past());
      });
      await store.transaction(async (tx) => {
        tx.schedule('deadline', 'a', past(), { moved: true });
        tx.cancelDue('deadline', 'b');
      });
      const data: unknown[] = [];
      await store.takeDue(['deadline'], 10, async (tx, row) => {
        data.push(row.data);
        tx.schedule('deadline', row.key, past(), 'again');
      });
      await store.takeDue(['deadline'], 10, async (_tx, row) => void data.push(row.data));
      expect(data).toEqual([{ moved: true }, 'again']);
    });

    it('stay due when their action loses a race for a stream', async () => {
      await store.transaction(async (tx) => tx.schedule('deadline', 'a', past()));
      let attempts = 0;
      const act = async (tx: StoreTransaction) => {
        const version = (await tx.readStreams(['s'])).get('s')?.length ?? 0;
        attempts += 1;
        if (attempts <= 2)
          await other.transaction(async (rival) => rival.append('s', version, [event('rival')]));
        tx.append('s', version, [event('own')]);
      };
      await store.takeDue(['deadline'], 10, act);
      expect(await store.takeDue(['deadline'], 10, act)).toBe(1);
      expect((await read('s')).map(({ type }) => type)).toEqual(['rival', 'rival', 'own']);
    });

    it('do not keep the others from their time when one fails', async () => {
      await store.transaction(async (tx) => {
        for (const key of ['a', 'bad', 'b']) tx.schedule('deadline', key, past());
      });
      const act = async (tx: StoreTransaction, row: { key: string }) =>
        remember(tx, batch(0n, [row.key]).records);
      await store.takeDue(['deadline'], 10, act);
      expect((await seen()).sort()).toEqual(['a', 'b']);
      expect(await store.takeDue(['deadline'], 10, act)).toBe(0);
      const rest = await store.transaction((tx) => tx.query('SELECT key FROM due'));
      expect(rest).toEqual([{ key: 'bad' }]);
    });
  });
});
