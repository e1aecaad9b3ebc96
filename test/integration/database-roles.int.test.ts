import { join } from 'node:path';
import { createEventStore } from '@quorate/event-store';
import { silentLogger } from '@quorate/messaging';
import { Fatal } from '@quorate/platform';
import { Client } from 'pg';
import { openAuditorStore } from '../../apps/auditor/src/adapters/auditor-store';
import {
  type DatabaseUrls,
  type PreparedDatabases,
  prepareDatabases,
} from '../../deploy/embedded/parts/databases';
import { postgresPart, superuserUrl } from '../../deploy/embedded/parts/postgres';
import { freePorts } from '../../deploy/embedded/ports/free-ports';
import { stackShape } from '../../deploy/embedded/stack/stack-shape';
import { type TemporaryStack, temporaryStack } from '../../deploy/embedded/testing/temporary-stack';

jest.setTimeout(60_000);

const LOG_TABLES = [
  'audit_entry',
  'audit_entry_hash',
  'audit_time_block',
  'tree_node',
  'checkpoint',
  'cosignature',
  'log_source',
];
const SHAPE = stackShape(1, 2, 2);

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const all = ({ coordinator, audit, submitter, nodes }: DatabaseUrls): string[] => [
  ...[coordinator, audit, submitter],
  ...nodes.values(),
];

function elsewhere(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** What opens a store of the auditor's, and closes it at once: migrated and granted. */
async function prepareTables(runtime: string, owner: string): Promise<void> {
  await (await openAuditorStore({ url: runtime, migrationUrl: owner }, silentLogger)).close();
}

describe('the database roles of the services', () => {
  let stack: TemporaryStack;
  let server: string;
  let prepared: PreparedDatabases;

  beforeAll(async () => {
    stack = await temporaryStack();
    const [port = 0] = await freePorts(1);
    const postgres = { folder: join(stack.folders.data, 'postgres'), port, password: 'only-for-this-test' };
    await stack.supervisor.start(postgresPart(postgres));
    server = superuserUrl(postgres);
    prepared = await prepareDatabases(server, stack.folders, SHAPE);
    await prepareTables(prepared.runtime.audit, prepared.owners.audit);
  });
  afterAll(() => stack?.end());

  it('get into their own database, and into no other', async () => {
    for (const urls of [prepared.runtime, prepared.owners]) {
      for (const own of all(urls)) {
        await query(own, 'SELECT 1');
        for (const other of all(urls)) {
          if (other === own) continue;
          const database = new URL(other).pathname.slice(1);
          await expect(query(elsewhere(own, database), 'SELECT 1')).rejects.toThrow(
            `permission denied for database "${database}"`,
          );
        }
      }
    }
  });

  it.each(LOG_TABLES)('let the auditor read %s and add to it, and nothing else', async (table) => {
    const { audit } = prepared.runtime;
    await query(audit, `SELECT FROM ${table}`);
    await query(audit, `INSERT INTO ${table} SELECT * FROM ${table} WHERE false`);
    const [{ column } = { column: '' }] = await query(
      audit,
      `SELECT attname AS column FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum = 1`,
    );
    const denied = [
      ...[
        `UPDATE ${table} SET ${String(column)} = ${String(column)}`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ],
      `SELECT FROM ${table} FOR UPDATE`,
    ];
    for (const sql of denied)
      await expect(query(audit, sql)).rejects.toThrow(`permission denied for table ${table}`);
    const owned = [
      ...[`ALTER TABLE ${table} DISABLE TRIGGER USER`, `DROP TABLE ${table} CASCADE`],
      ...[`DROP TRIGGER ${table}_is_append_only ON ${table}`, `ALTER TABLE ${table} ADD COLUMN x int`],
    ];
    for (const sql of owned) await expect(query(audit, sql)).rejects.toThrow(/must be owner/);
  });

  it.each(LOG_TABLES)(
    'do not even let the owner change %s as long as its trigger is there',
    async (table) => {
      for (const sql of [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])
        await expect(query(prepared.owners.audit, sql)).rejects.toThrow('append-only');
    },
  );

  it('cannot make themselves more than they are', async () => {
    const { audit } = prepared.runtime;
    const refused = [
      ...['SET ROLE quorate_audit_owner', 'SET SESSION AUTHORIZATION postgres'],
      ...[
        "SET session_replication_role = 'replica'",
        'CREATE TABLE mine (n int)',
        'CREATE TEMP TABLE mine (n int)',
      ],
      ...['CREATE ROLE another', 'ALTER ROLE quorate_audit SUPERUSER', 'CREATE DATABASE another'],
      ...['UPDATE event SET type = type', 'DELETE FROM event', 'DELETE FROM migration', 'DROP TABLE event'],
      ...[
        'CREATE OR REPLACE FUNCTION refuse_change_of_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$',
      ],
      ...['ALTER DATABASE quorate_audit OWNER TO quorate_audit'],
    ];
    for (const sql of refused)
      await expect(query(audit, sql)).rejects.toThrow(/permission denied|must be owner|denied to/);
    // Postgres only warns here: nothing was granted.
    await query(audit, 'GRANT UPDATE ON audit_entry TO quorate_audit');
    expect(
      await query(audit, "SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE') AS may"),
    ).toEqual([{ may: false }]);
  });

  it('take over a database of an earlier version, in which one role owned and did everything', async () => {
    const [name, earlier] = ['quorate_earlier', stackShape(1, 1, 1)];
    earlier.nodes = ['earlier'];
    await query(server, `CREATE ROLE ${name} LOGIN PASSWORD 'earlier'`);
    await query(server, `CREATE DATABASE ${name} OWNER ${name}`);
    const before = new URL(elsewhere(server, name));
    [before.username, before.password] = [name, 'earlier'];
    await (await openAuditorStore({ url: before.href }, silentLogger)).close();
    await query(before.href, "INSERT INTO checkpoint (log, size, note) VALUES (0, 7, 'kept')");

    for (let again = 0; again < 2; again += 1) {
      const { runtime, owners } = await prepareDatabases(server, stack.folders, earlier);
      const url = runtime.nodes.get('earlier') ?? '';
      await prepareTables(url, owners.nodes.get('earlier') ?? '');
      expect(await query(url, 'SELECT note FROM checkpoint')).toEqual([{ note: 'kept' }]);
      await expect(query(url, 'DELETE FROM checkpoint')).rejects.toThrow('permission denied');
      await expect(query(url, 'ALTER TABLE checkpoint DISABLE TRIGGER USER')).rejects.toThrow(
        'must be owner',
      );
    }
  });

  it('are made by an administrator who is no superuser, too', async () => {
    const other = await temporaryStack();
    try {
      const [port = 0] = await freePorts(1);
      const postgres = { folder: join(other.folders.data, 'postgres'), port, password: 'only-for-this-test' };
      await other.supervisor.start(postgresPart(postgres));
      const admin = new URL(superuserUrl(postgres));
      await query(admin.href, "CREATE ROLE admin LOGIN PASSWORD 'admin' CREATEDB CREATEROLE");
      [admin.username, admin.password] = ['admin', 'admin'];
      for (let again = 0; again < 2; again += 1) {
        const { runtime, owners } = await prepareDatabases(admin.href, other.folders, SHAPE);
        await prepareTables(runtime.audit, owners.audit);
        await expect(query(runtime.audit, 'DELETE FROM checkpoint')).rejects.toThrow('permission denied');
        const foreign = elsewhere(runtime.audit, 'quorate_submitter');
        await expect(query(foreign, 'SELECT 1')).rejects.toThrow('permission denied for database');
      }
    } finally {
      await other.end();
    }
  });

  it('of the owner are needed by nobody once the tables are there; whoever uses one for all is told', async () => {
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (facts: unknown) => void warnings.push(facts) };
    await (await openAuditorStore({ url: prepared.runtime.audit }, logger)).close();
    expect(warnings).toEqual([]);
    await (await openAuditorStore({ url: prepared.owners.audit }, logger)).close();
    expect(warnings).toEqual([{ role: 'quorate_audit_owner' }]);
  });

  it('of the runtime migrate nothing', async () => {
    const store = createEventStore({
      url: prepared.runtime.submitter,
      migrations: [],
      encodeEvent: () => {
        throw new Fatal('test', 'writes nothing');
      },
      logger: silentLogger,
    });
    await expect(store).rejects.toThrow(/Migrating the database failed.*permission denied/);
  });
});
