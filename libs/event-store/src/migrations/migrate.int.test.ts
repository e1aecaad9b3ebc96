import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { migrate, type MigrationClass } from './migrate';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Adds one to a table that counts how often it ran. */
const counting = (name: string): MigrationClass =>
  class {
    readonly name = name;
    up = async (runner: { query(sql: string): Promise<unknown> }) => {
      await runner.query('CREATE TABLE IF NOT EXISTS ran (migration text)');
      await runner.query(`INSERT INTO ran VALUES ('${name}')`);
    };
    down = () => Promise.resolve();
  };

async function withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

it('runs what has not run, once, whoever starts at the same time', async () => {
  const first = counting('First1600000000001');
  const second = counting('Second1600000000002');
  let granted = 0;
  const start = (migrations: MigrationClass[]) =>
    withClient((client) => migrate(client, database.url, migrations, () => Promise.resolve(void granted++)));
  await Promise.all([start([first]), start([first])]);
  await start([first, second]);
  await start([first, second]);
  // A version of before the second one: what it does not know is none of its business.
  await start([first]);
  const { rows } = await withClient((client) => client.query('SELECT migration FROM ran'));
  expect(rows).toEqual([{ migration: 'First1600000000001' }, { migration: 'Second1600000000002' }]);
  expect(granted).toBe(5);
});
