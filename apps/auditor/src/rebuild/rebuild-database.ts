import { fromDatabaseError } from '@quorate/event-store';
import { Refused } from '@quorate/platform';
import { Client } from 'pg';
import { LOG_TABLES } from '../adapters/auditor-store';

/** All tables that a rebuild makes; a database with any other one belongs to somebody else. */
const OWN_TABLES = new Set([...['migration', 'event', 'inbox', 'outbox', 'due'], ...LOG_TABLES]);
const TABLES = `
  SELECT relname AS name FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace
  WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
  ORDER BY name`;

/**
 * Makes sure that a database is empty, or, with `goOn`, that it holds nothing but a rebuild that was cut short.
 *
 * @throws Refused `not-empty`, `not-a-rebuild`; Unavailable when it does not answer
 */
export async function assertForRebuild(url: string, goOn: boolean): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(TABLES);
    const tables = rows.map(({ name }) => name);
    if (tables.length === 0) return;
    if (!goOn) throw notEmpty(tables);
    const foreign = tables.find((name) => !OWN_TABLES.has(name));
    if (foreign !== undefined) throw notARebuild(`it holds a table ${foreign}, which no audit log has`);
    // A rebuild signs nothing; an auditor signs the head of its log even when that is empty.
    if (tables.includes('checkpoint') && (await client.query('SELECT FROM checkpoint LIMIT 1')).rowCount)
      throw notARebuild('an auditor has signed checkpoints in it');
  } catch (error) {
    throw fromDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function notEmpty(tables: readonly string[]): Refused {
  return new Refused(
    'not-empty',
    `The database is not empty, it holds ${tables.slice(0, 5).join(', ')}: give an empty one, or --continue to go on ` +
      'with a rebuild that was cut short',
  );
}

function notARebuild(finding: string): Refused {
  return new Refused(
    'not-a-rebuild',
    `The database does not hold a rebuild that was cut short: ${finding}. Give an empty one`,
  );
}
