import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { keptFile, prettyJson, writeWhole } from '../files/kept-file';
import { type StackFolders } from '../files/stack-folders';
import { type StackShape } from '../stack/stack-shape';
import { messageOf, StartFailure } from '../terminal/start-failure';

/** The URL of each service's own database, opened with its own role. */
export interface DatabaseUrls {
  coordinator: string;
  audit: string;
  submitter: string;
  nodes: Map<string, string>;
}

/**
 * Creates one database and one role of the same name per service (`quorate_node_1`, ...) where missing, and sets the
 * roles' passwords, which are kept in the data folder (mode 0600).
 * @param serverUrl a role that may create roles and databases
 */
export async function prepareDatabases(
  serverUrl: string,
  folders: StackFolders,
  shape: StackShape,
): Promise<DatabaseUrls> {
  const nodeDatabases = shape.nodes.map((node) => [node, databaseName(node)] as const);
  const names = [
    ...['coordinator', 'audit', 'submitter'].map(databaseName),
    ...nodeDatabases.map(([, name]) => name),
  ];
  const passwords = keptPasswords(join(folders.data, 'database-passwords.json'), names);
  const url = (name: string) => {
    const own = new URL(serverUrl);
    own.username = name;
    own.password = passwords[name] ?? '';
    own.pathname = `/${name}`;
    return own.toString();
  };
  const client = new Client({ connectionString: serverUrl });
  try {
    await client.connect();
    for (const name of names) await createDatabase(client, name, passwords[name] ?? '');
  } catch (error) {
    throw new StartFailure(
      'databases',
      `the services' databases could not be created on ${new URL(serverUrl).host}: ${messageOf(error)}`,
      'DATABASE_URL must name a role with CREATEDB and CREATEROLE (or a superuser)',
    );
  } finally {
    await client.end();
  }
  return {
    coordinator: url(databaseName('coordinator')),
    audit: url(databaseName('audit')),
    submitter: url(databaseName('submitter')),
    nodes: new Map(nodeDatabases.map(([node, name]) => [node, url(name)])),
  };
}

function databaseName(service: string): string {
  return `quorate_${service.replaceAll('-', '_')}`;
}

async function createDatabase(client: Client, name: string, password: string): Promise<void> {
  const role = client.escapeIdentifier(name);
  const { rowCount: roles } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  // DDL takes no parameters.
  const literal = client.escapeLiteral(password);
  await client.query(`${roles ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${literal}`);
  const { rowCount: databases } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (databases) return;
  // Whoever is no superuser may only give a database to a role that it is a member of.
  await client.query(`GRANT ${role} TO CURRENT_USER`);
  await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
}

function keptPasswords(file: string, names: string[]): Record<string, string> {
  keptFile(file, () => '{}', { secret: true });
  const passwords = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  for (const name of names) passwords[name] ??= randomBytes(24).toString('hex');
  writeWhole(file, prettyJson(passwords), { secret: true });
  return passwords;
}
