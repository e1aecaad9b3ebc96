import { Fatal } from '@quorate/platform';
import { type Client } from 'pg';
import { type MigrationInterface } from 'typeorm';
import { CreateEventStoreTables1700000000000 } from './create-event-store-tables';
import { PackOutbox1700000000001 } from './pack-outbox';

export type MigrationClass = new () => MigrationInterface;

const TABLE = 'migration';
/** Any constant: one lock per database, held while somebody migrates it. */
const MIGRATION_LOCK = '7163894511';

/**
 * Runs the library's migrations, then the service's. Replicas that start together wait for each other.
 * @param client an own connection, which holds the lock
 * @param afterwards what else is to be done by one at a time
 */
export async function migrate(
  client: Client,
  url: string,
  migrations: readonly MigrationClass[],
  afterwards: () => Promise<void>,
): Promise<void> {
  const all = [CreateEventStoreTables1700000000000, PackOutbox1700000000001, ...migrations];
  await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    if (!(await haveRun(client, all))) await run(url, all);
    await afterwards();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fatal('migration', `Migrating the database failed: ${reason}`, { cause: error });
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

async function haveRun(client: Client, migrations: readonly MigrationClass[]): Promise<boolean> {
  const table = await client.query('SELECT FROM pg_class WHERE oid = to_regclass($1)', [TABLE]);
  if (table.rowCount === 0) return false;
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${TABLE}`);
  const known = new Set(rows.map(({ name }) => name));
  return migrations.every((migration) => known.has(new migration().name ?? migration.name));
}

/** TypeORM is loaded only when there is something to do: it is a sixth of what a service loads at its start. */
async function run(url: string, migrations: MigrationClass[]): Promise<void> {
  const { DataSource } = await import('typeorm');
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations,
    migrationsTableName: TABLE,
    migrationsTransactionMode: 'each',
    extra: { max: 1 },
  });
  try {
    await dataSource.initialize();
    await dataSource.runMigrations();
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}
