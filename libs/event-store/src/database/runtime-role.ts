import { type StructuredLogger } from '@quorate/messaging';
import { type Client, escapeIdentifier } from 'pg';
import { waitForDatabase } from './wait-for-database';

/** The role of a service, which works on tables that another role owns. */
export interface RuntimeRole {
  readonly name: string;
  /** Tables of the service that it adds rows to, and never changes or deletes any. */
  readonly appendOnly: readonly string[];
}

/** Events are never changed; who changed the database, and how, is the owner's to write. */
const APPEND_ONLY = ['event'];
const READ_ONLY = ['migration'];

/** The name of the role that a URL connects as. */
export async function roleOf(url: string, logger: StructuredLogger): Promise<string> {
  const client = await waitForDatabase(url, logger);
  try {
    const { rows } = await client.query<{ name: string }>('SELECT current_user AS name');
    return rows[0]?.name ?? '';
  } finally {
    await client.end();
  }
}

/**
 * Gives the runtime role what its work needs, and takes everything else from it: rows of all tables, but those of
 * append-only ones only to read and to add.
 *
 * @param owner a connection of the tables' owner, which nobody else grants with at the same time
 */
export async function grantWork(owner: Client, { name, appendOnly }: RuntimeRole): Promise<void> {
  const role = escapeIdentifier(name);
  const tables = (names: readonly string[]) => names.map((table) => escapeIdentifier(table)).join(', ');
  await owner.query(`
    BEGIN;
    GRANT USAGE ON SCHEMA public TO ${role};
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
    REVOKE UPDATE, DELETE ON ${tables([...APPEND_ONLY, ...READ_ONLY, ...appendOnly])} FROM ${role};
    REVOKE INSERT ON ${tables(READ_ONLY)} FROM ${role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role};
    COMMIT`);
}

/** Says so when whoever gets into the service could also undo its tables' protection. */
export async function warnOfOwner(client: Client, logger: StructuredLogger): Promise<void> {
  const { rows } = await client.query<{ owns: boolean; name: string }>(
    `SELECT pg_has_role(relowner, 'MEMBER') AS owns, current_user AS name FROM pg_class WHERE oid = 'event'::regclass`,
  );
  if (rows[0]?.owns === true) {
    logger.warn(
      { role: rows[0].name },
      'The role of DATABASE_URL owns its tables, or may become their owner: give the owner in DATABASE_MIGRATION_URL',
    );
  }
}
