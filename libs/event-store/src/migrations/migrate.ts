import { Fatal } from '@quorate/platform';
import { type Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { CreateEventStoreTables1700000000000 } from './create-event-store-tables';
import { PackOutbox1700000000001 } from './pack-outbox';

export type MigrationClass = new () => MigrationInterface;

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
  await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: [CreateEventStoreTables1700000000000, PackOutbox1700000000001, ...migrations],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    extra: { max: 1 },
  });
  try {
    await dataSource.initialize();
    await dataSource.runMigrations();
    await afterwards();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fatal('migration', `Migrating the database failed: ${reason}`, { cause: error });
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}
