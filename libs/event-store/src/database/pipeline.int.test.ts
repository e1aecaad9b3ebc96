import { silentLogger } from '@quorate/messaging';
import { type Pool, type PoolClient } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { Pipeline, StatementSkipped } from './pipeline';
import { connectPool } from './pool';

describe('Pipeline', () => {
  let database: TestDatabase;
  let pool: Pool;
  let client: PoolClient;
  let pipeline: Pipeline;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = connectPool(database.url, { size: 1, durable: false, idleTransactionMs: 60_000 }, silentLogger);
    await pool.query('CREATE TABLE mark (n integer PRIMARY KEY)');
  });

  beforeEach(async () => {
    client = await pool.connect();
    pipeline = new Pipeline(client);
  });

  afterEach(() => client.release());

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const mark = (n: unknown, name = 'mark') => ({ name, text: 'INSERT INTO mark VALUES ($1)', values: [n] });
  const marks = async () =>
    (await pipeline.run<{ n: number }>({ text: 'SELECT n FROM mark ORDER BY n' })).rows;
  const outcomes = async (running: Promise<unknown>[]): Promise<unknown[]> =>
    (await Promise.allSettled(running)).map((one): unknown =>
      one.status === 'fulfilled' ? 'done' : one.reason,
    );

  it('answers each statement with its own rows', async () => {
    const results = await Promise.all([
      pipeline.run({ text: 'BEGIN' }),
      pipeline.run(mark(1)),
      pipeline.run({ name: 'both', text: 'SELECT n, $1::text AS said FROM mark', values: ['a'] }),
      pipeline.run({ text: 'SELECT 1 AS one WHERE false' }),
      pipeline.run({ text: 'ROLLBACK' }),
    ]);
    expect(results.map(({ command, rows }) => [command, rows])).toEqual([
      ['BEGIN', []],
      ['INSERT', []],
      ['SELECT', [{ n: 1, said: 'a' }]],
      ['SELECT', []],
      ['ROLLBACK', []],
    ]);
  });

  it('sends the statements of a turn in one write', async () => {
    await pipeline.run({ text: 'SELECT 1' });
    const write = jest.spyOn(Reflect.get(Reflect.get(client, 'connection'), 'stream'), 'write');
    await Promise.all([1, 2, 3].map((n) => pipeline.run({ name: 'echo', text: 'SELECT $1', values: [n] })));
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });

  it('executes nothing after a statement that fails, COMMIT included, and goes on afterwards', async () => {
    const [begun, first, again, later, commit] = await outcomes([
      pipeline.run({ text: 'BEGIN' }),
      pipeline.run(mark(1)),
      pipeline.run(mark(1)),
      pipeline.run(mark(2, 'first seen in what is skipped')),
      pipeline.run({ name: 'commit', text: 'COMMIT' }),
    ]);
    expect([begun, first]).toEqual(['done', 'done']);
    expect(again).toMatchObject({ code: '23505' });
    expect([later, commit]).toEqual([expect.any(StatementSkipped), expect.any(StatementSkipped)]);
    await pipeline.run({ text: 'ROLLBACK' });
    expect(await marks()).toEqual([]);
    await pipeline.run({ text: 'BEGIN' });
    await pipeline.run(mark(3, 'first seen in what is skipped'));
    await pipeline.run({ text: 'ROLLBACK' });
  });

  it('does not send what follows a statement whose values cannot be sent', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const [begun, refused, commit] = await outcomes([
      pipeline.run({ text: 'BEGIN' }),
      pipeline.run(mark(circular, 'circular')),
      pipeline.run({ text: 'COMMIT' }),
    ]);
    expect(begun).toBe('done');
    expect(refused).toBeInstanceOf(TypeError);
    expect(commit).toBeInstanceOf(StatementSkipped);
    await pipeline.run({ text: 'ROLLBACK' });
    await pipeline.run(mark(9, 'circular'));
    expect(await marks()).toEqual([{ n: 9 }]);
    await pipeline.run({ text: 'TRUNCATE mark' });
  });

  it('refuses statements after its end', async () => {
    pipeline.close();
    await expect(pipeline.run(mark(1))).rejects.toMatchObject({ kind: 'fatal', code: 'transaction-over' });
  });
});
