/** The submitters' database, as the oracle and the faults see it; waits while Postgres is away. */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';

const RETRY_MS = 200;
const TIMEOUT_MS = 60_000;

export class BenchDatabase {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 4 });
    // Sessions are ended on purpose.
    this.pool.on('error', () => undefined);
  }

  /** @throws Error of the database when it does not come back in time */
  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      try {
        return (await this.pool.query<Row>(text, values)).rows;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  /** Ends all other sessions, whatever they do. */
  async endSessions(): Promise<void> {
    await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
