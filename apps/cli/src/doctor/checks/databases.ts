import { Client } from 'pg';
import { type Stack } from '../../stack/stack-file';
import { type Finding, finding, ok, warning } from '../finding';

const REMEDY = 'start the stack (npm start), or check DATABASE_URL of your own Postgres';
const LARGEST_DRIFT_MS = 2_000;

/**
 * Every database answers; one of them tells the time for the check of the clock. Those of a deployment are its services' own: these
 * say in their readiness whether they reach them.
 */
export async function checkDatabases({ databases }: Stack): Promise<Finding[]> {
  if (databases === undefined) return [];
  const { nodes, ...services } = databases;
  const all = Object.entries({ ...services, ...nodes });
  const checks = all.map(([name, url]) =>
    finding(`database ${name}`, REMEDY, async () => {
      const { version } = await ask(url);
      return ok(`database ${name}`, `Postgres ${version}`);
    }),
  );
  const clock = finding('clock', REMEDY, () => checkClock(databases.audit));
  return (await Promise.all([...checks, clock])).flat();
}

async function checkClock(url: string): Promise<Finding> {
  const { drift } = await ask(url);
  return Math.abs(drift) <= LARGEST_DRIFT_MS
    ? ok('clock', `${Math.abs(drift)} ms from the database`)
    : warning(
        'clock',
        `${drift} ms from the database`,
        'synchronise the clocks (NTP): requests expire by them',
      );
}

/** The server's version, and how many milliseconds its clock is ahead of the one here. */
async function ask(url: string): Promise<{ version: string; drift: number }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  // Without a listener a connection that breaks later would end the program.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const asked = Date.now();
    const { rows } = await client.query<{ version: string; time: Date }>(
      "SELECT current_setting('server_version') AS version, clock_timestamp() AS time",
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the database gives no answer');
    return { version: row.version, drift: Math.round(row.time.getTime() - (asked + Date.now()) / 2) };
  } finally {
    await client.end();
  }
}
