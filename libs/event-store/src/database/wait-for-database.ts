import { Unavailable } from '@quorate/platform';
import { backOff, pauseFor, type StructuredLogger } from '@quorate/messaging';
import { Client } from 'pg';
import { fromDatabaseError } from './database-errors';

/** SQLSTATEs of a server that is there but still starting, stopping or full. */
const NOT_YET = new Set(['57P01', '57P02', '57P03', '53300']);

/**
 * Connects, with back-off as long as Postgres is not available; the caller ends the connection.
 * Throws Fatal when it is there and refuses (password, unknown database), Unavailable when `signal` aborts.
 */
export async function waitForDatabase(
  url: string,
  logger: StructuredLogger,
  signal?: AbortSignal,
): Promise<Client> {
  for (let attempt = 0; signal?.aborted !== true; attempt += 1) {
    const client = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5000 });
    client.on('error', (error) => logger.warn({ reason: error.message }, 'Postgres connection lost'));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const known = fromDatabaseError(error);
      const state = known.details?.['state'];
      const refused = typeof state === 'string' && /^(28|3D)/.test(state) && !NOT_YET.has(state);
      if (known.kind !== 'unavailable' || refused) throw known;
      logger.warn({ reason: known.message }, 'Waiting for Postgres');
      await pauseFor(backOff(attempt, 2000), signal);
    }
  }
  throw new Unavailable('stopped', 'Stopped while waiting for Postgres');
}
