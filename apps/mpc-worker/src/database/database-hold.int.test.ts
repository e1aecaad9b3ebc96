import { randomBytes } from 'node:crypto';
import { createLogger } from '@quorate/platform';
import { Client } from 'pg';
import { createTestDatabase } from '../../../../test/integration/database';
import { until } from '../../../../test/integration/until';
import { DatabaseHold } from './database-hold';

const logger = createLogger('test', 'silent');

describe('DatabaseHold', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let admin: Client;
  const holds: DatabaseHold[] = [];
  const fatals: Error[] = [];

  const take = async (bootId: Buffer): Promise<DatabaseHold> => {
    const hold = await DatabaseHold.take(
      database.url,
      'node-1',
      bootId,
      (error) => fatals.push(error),
      logger,
    );
    holds.push(hold);
    return hold;
  };
  const cut = async (): Promise<void> => {
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'node-1-hold' AND datname = current_database()`,
    );
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query('CREATE TABLE process_hold (id smallint PRIMARY KEY, boot_id bytea NOT NULL)');
  });
  afterEach(async () => {
    for (const hold of holds.splice(0)) await hold.release().catch(() => undefined);
    fatals.length = 0;
    await admin.end();
    await database.drop();
  });

  it('refuses a second process of the node', async () => {
    await take(randomBytes(16));
    await expect(take(randomBytes(16))).rejects.toThrow(/stop it first/);
  });

  it('lets the next process in when the first has ended', async () => {
    const first = await take(randomBytes(16));
    await first.release();
    await expect(take(randomBytes(16))).resolves.toBeDefined();
  });

  it('takes the claim again after the connection broke', async () => {
    const hold = await take(randomBytes(16));
    const { held } = await lockState();
    await cut();
    await untilLocked(held);
    await hold.whenHeld();
    await expect(take(randomBytes(16))).rejects.toThrow(/stop it first/);
    expect(fatals).toEqual([]);
  });

  it('ends the process when another one had the database in between', async () => {
    await take(randomBytes(16));
    await admin.query('UPDATE process_hold SET boot_id = $1', [randomBytes(16)]);
    await cut();
    await until(() => Promise.resolve(fatals.length > 0));
    expect(fatals[0]?.message).toMatch(/in between/);
  });

  /** The backend that holds the claim. */
  async function lockState(): Promise<{ held: number | undefined }> {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()`,
    );
    return { held: rows[0]?.pid };
  }

  async function untilLocked(before: number | undefined): Promise<void> {
    await until(async () => {
      const { held } = await lockState();
      return held !== undefined && held !== before;
    });
  }
});
