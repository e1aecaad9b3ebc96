import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';

const RETRY_MS = 200;
const TIMEOUT_MS = 60_000;

/** Direct access to every service's database as its owner, past the links; waits while Postgres is away. */
export class Databases {
  private readonly pools: ReadonlyMap<string, Pool>;

  constructor({ coordinator, submitter, audit, nodes }: StackDescription['databaseOwners']) {
    const urls = { coordinator, submitter, audit, ...nodes };
    this.pools = new Map(
      Object.entries(urls).map(([name, connectionString]) => {
        const pool = new Pool({ connectionString, max: 1 });
        // Postgres is killed on purpose.
        pool.on('error', () => undefined);
        return [name, pool];
      }),
    );
  }

  get names(): string[] {
    return [...this.pools.keys()];
  }

  /** @throws Error of the database when it does not come back in time */
  async query<Row extends object>(name: string, text: string, values: unknown[] = []): Promise<Row[]> {
    const pool = this.pools.get(name);
    if (pool === undefined) throw new Error(`there is no database ${name}`);
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      try {
        return (await pool.query<Row>(text, values)).rows;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }
}
