import { createHash } from 'node:crypto';
import { Fatal } from '@quorate/platform';
import { Client } from 'pg';

/**
 * Holds the node's database for this process: an advisory lock on a connection of its own. Two processes of one node
 * would judge pairs and spend presignatures side by side (threshold-ecdsa.md 5.7).
 *
 * @param onLost called when the connection broke: another process may start now, so this one must end
 * @throws Fatal `node-runs-already`
 */
export async function holdDatabase(
  url: string,
  nodeId: string,
  onLost: (error: Error) => void,
): Promise<{ release(): Promise<void> }> {
  const client = new Client({ connectionString: url, keepAlive: true, application_name: `${nodeId}-hold` });
  let released = false;
  const lost = (cause?: Error): void => {
    if (!released)
      onLost(new Fatal('database-hold-lost', 'the connection that holds the database broke', { cause }));
    released = true;
  };
  client.on('error', lost);
  client.on('end', () => lost());
  await client.connect();
  const key = createHash('sha256').update(`quorate/node/${nodeId}`).digest().readBigInt64BE(0).toString();
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [key]);
  if (rows[0]?.held !== true) {
    released = true;
    await client.end();
    throw new Fatal('node-runs-already', `another process of ${nodeId} uses this database: stop it first`);
  }
  return {
    release: async () => {
      released = true;
      await client.end();
    },
  };
}
