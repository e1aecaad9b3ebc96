import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Part } from '../processes/part';
import { runTool } from '../processes/run-tool';
import { StartFailure } from '../terminal/start-failure';
import { createdOnce } from './created-once';
import { type PostgresPlace, postgresPlace } from './postgres-user';

/** Low latency for small commits; durability as shipped (fsync and synchronous_commit on). */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  log_checkpoints: 'off',
};

/** Of a server that is a process of this machine. */
const LOCAL_SETTINGS = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };

/** An embedded server: where its data lies, its port on 127.0.0.1, the superuser's password. */
export interface EmbeddedPostgres {
  folder: string;
  port: number;
  password: string;
}

/** The superuser's URL of an embedded server. */
export function superuserUrl({ port, password }: Pick<EmbeddedPostgres, 'port' | 'password'>): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** A Postgres 18 server; its cluster is created at the first start. */
export function postgresPart(postgres: EmbeddedPostgres): Part {
  return {
    name: 'postgres',
    stage: 'infrastructure',
    // A fast shutdown: open transactions are rolled back.
    stopSignal: 'SIGINT',
    readyTimeoutMs: 60_000,
    async command() {
      const place = await postgresPlace(postgres.folder);
      await createdOnce(place.folder, () => createCluster(place, postgres.password));
      const settings = Object.entries({ ...LOCAL_SETTINGS, ...POSTGRES_SETTINGS }).flatMap(
        ([name, value]) => ['-c', `${name}=${value}`],
      );
      return {
        file: join(place.bin, 'postgres'),
        args: ['-D', place.folder, '-p', String(postgres.port), ...settings],
        env: { PATH: process.env['PATH'], LC_MESSAGES: 'C' },
        cwd: place.folder,
        ...(place.user ? { user: place.user } : {}),
      };
    },
    probe: () => probePostgres(superuserUrl(postgres)),
  };
}

/** Resolves when the server answers a query. */
export async function probePostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}

async function createCluster(place: PostgresPlace, password: string): Promise<void> {
  const passwordFile = `${place.folder}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (place.user) await chown(passwordFile, place.user.uid, place.user.gid);
  try {
    const { code, output } = await runTool(
      join(place.bin, 'initdb'),
      [
        ...['--pgdata', place.folder, '--username', 'postgres', '--pwfile', passwordFile],
        ...[
          '--auth',
          'scram-sha-256',
          '--encoding',
          'UTF8',
          '--locale-provider',
          'builtin',
          '--locale',
          'C.UTF-8',
        ],
      ],
      { ...place.user, cwd: place.folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
    );
    if (code !== 0)
      throw new StartFailure('postgres-initdb', `initdb failed in ${place.folder}:\n${output.trim()}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}
