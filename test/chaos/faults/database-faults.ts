import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type ChaosStack } from '../stack/chaos-stack';
import { drawTrigger, type FaultKind } from './fault';

/** All connections of one service's database are ended by the server. */
export const endSessions: FaultKind = (random, stack) => {
  const name = random.pick(databaseNames(stack));
  return {
    kind: 'end-sessions',
    description: `all Postgres sessions of ${name} ended`,
    at: drawTrigger(random),
    inflict: ({ stack: running }) =>
      withDatabase(serverUrl(running, name), async (client) => {
        await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      }),
  };
};

/**
 * Every write of a node or coordinator fails with disk_full (SQLSTATE 53100). A stand-in for a full disk: triggers on
 * the tables raise what Postgres raises then.
 */
export const fullDisk: FaultKind = (random, stack) => {
  const name = random.pick(['coordinator', ...stack.shape.nodes]);
  const lastsMs = random.between(300, 3000);
  return {
    kind: 'disk-full',
    description: `the disk of ${name} full for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: ({ stack: running }) =>
      withDatabase(ownerUrls(running)[name], async (client) => {
        await client.query(FILL);
        await delay(lastsMs);
        await client.query(FREE_DISK);
      }),
  };
};

const FILL = `
  CREATE FUNCTION chaos_disk_full() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
  DO $$ DECLARE target regclass; BEGIN
    FOR target IN SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname = 'public'
    LOOP
      EXECUTE format('CREATE TRIGGER chaos_disk_full BEFORE INSERT OR UPDATE ON %s EXECUTE FUNCTION chaos_disk_full()', target);
    END LOOP;
  END $$`;
/** Undoes it, also where the fault itself was interrupted. */
export const FREE_DISK = 'DROP FUNCTION IF EXISTS chaos_disk_full CASCADE';

function databaseNames(stack: ChaosStack): string[] {
  return ['coordinator', 'submitter', 'audit', ...stack.shape.nodes];
}

function ownerUrls(stack: ChaosStack): Record<string, string> {
  const { coordinator, submitter, audit, nodes } = stack.description.databaseOwners;
  return { coordinator, submitter, audit, ...nodes };
}

/** A database as the role that may end the sessions of all others. */
function serverUrl(stack: ChaosStack, name: string): string {
  const url = new URL(stack.description.databaseOwners.server);
  url.pathname = new URL(ownerUrls(stack)[name] ?? '').pathname;
  return url.href;
}

async function withDatabase(
  url: string | undefined,
  action: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await action(client);
  } finally {
    await client.end();
  }
}
