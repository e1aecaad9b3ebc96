/** What Postgres did for the submitter. */
import { type Client } from 'pg';

export interface DatabaseWork {
  readonly commits: number;
  readonly rowsWritten: number;
  readonly walKibibytes: number;
}

export async function databaseWork(database: Client): Promise<DatabaseWork> {
  const { rows } = await database.query<{ commits: string; written: string; wal: string }>(
    `SELECT xact_commit AS commits, tup_inserted + tup_updated + tup_deleted AS written,
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1024 AS wal
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  const { commits, written, wal } = rows[0] ?? {};
  return { commits: Number(commits), rowsWritten: Number(written), walKibibytes: Number(wal) };
}

/** What was done between two looks, for each of `count` transactions. */
export function workPer(before: DatabaseWork, after: DatabaseWork, count: number): DatabaseWork {
  return {
    commits: (after.commits - before.commits) / count,
    rowsWritten: (after.rowsWritten - before.rowsWritten) / count,
    walKibibytes: (after.walKibibytes - before.walKibibytes) / count,
  };
}
