import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { keptFile, prettyJson, writeWhole } from '../files/kept-file';
import { type StackFolders } from '../files/stack-folders';
import { type StackShape } from '../stack/stack-shape';
import { messageOf, StartFailure } from '../terminal/start-failure';

/** The URL of each service's own database. */
export interface DatabaseUrls {
  coordinator: string;
  audit: string;
  submitter: string;
  nodes: Map<string, string>;
}

/** Both roles of each service, and the one that made them. */
export interface PreparedDatabases {
  /** As the role that the service works with. */
  runtime: DatabaseUrls;
  /** As the role that owns the service's tables, for migrations. */
  owners: DatabaseUrls;
  /** As the role that may create databases and roles. */
  server: string;
}

/**
 * Creates one database and two roles per service where missing: `quorate_node_1`, which the service works with, and
 * `quorate_node_1_owner`, to which the database and its tables belong. No role gets into a database of another service.
 * Sets the roles' passwords, which are kept in the data folder (mode 0600). What belonged to the only role of a service in
 * an earlier version is its owner's afterwards.
 * @param serverUrl a role that may create roles and databases
 */
export async function prepareDatabases(
  serverUrl: string,
  folders: StackFolders,
  shape: StackShape,
): Promise<PreparedDatabases> {
  const services = ['coordinator', 'audit', 'submitter', ...shape.nodes];
  const names = services.map(databaseName);
  const passwords = keptPasswords(
    join(folders.data, 'database-passwords.json'),
    names.flatMap((name) => [name, ownerOf(name)]),
  );
  const url = (database: string, role: string) => {
    const own = new URL(serverUrl);
    own.username = role;
    own.password = passwords[role] ?? '';
    own.pathname = `/${database}`;
    return own.toString();
  };
  const urls = (role: (database: string) => string): DatabaseUrls => {
    const of = (service: string) => url(databaseName(service), role(databaseName(service)));
    return {
      ...{ coordinator: of('coordinator'), audit: of('audit'), submitter: of('submitter') },
      nodes: new Map(shape.nodes.map((node) => [node, of(node)])),
    };
  };
  try {
    await withClient(serverUrl, async (server) => {
      for (const name of names) await prepareDatabase(server, serverUrl, name, passwords);
    });
  } catch (error) {
    throw new StartFailure(
      'databases',
      `the services' databases could not be created on ${new URL(serverUrl).host}: ${messageOf(error)}`,
      'DATABASE_URL must name a role with CREATEDB and CREATEROLE (or a superuser)',
    );
  }
  return { runtime: urls((database) => database), owners: urls(ownerOf), server: serverUrl };
}

function databaseName(service: string): string {
  return `quorate_${service.replaceAll('-', '_')}`;
}

function ownerOf(database: string): string {
  return `${database}_owner`;
}

async function prepareDatabase(
  server: Client,
  serverUrl: string,
  name: string,
  passwords: Record<string, string>,
): Promise<void> {
  for (const role of [name, ownerOf(name)]) await prepareRole(server, role, passwords[role] ?? '');
  const [runtime, owner] = [server.escapeIdentifier(name), server.escapeIdentifier(ownerOf(name))];
  const { rows } = await server.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [name],
  );
  const [database] = rows;
  if (database === undefined) await server.query(`CREATE DATABASE ${runtime} OWNER ${owner}`);
  else if (database.owner !== ownerOf(name)) {
    const own = new URL(serverUrl);
    own.pathname = `/${name}`;
    // The database and all that is in it, in one statement.
    await withClient(own.toString(), (client) => client.query(`REASSIGN OWNED BY ${runtime} TO ${owner}`));
  }
  await server.query(`REVOKE ALL ON DATABASE ${runtime} FROM PUBLIC`);
  await server.query(`GRANT CONNECT ON DATABASE ${runtime} TO ${runtime}`);
}

async function prepareRole(server: Client, name: string, password: string): Promise<void> {
  const role = server.escapeIdentifier(name);
  const { rowCount: roles } = await server.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  // DDL takes no parameters.
  const literal = server.escapeLiteral(password);
  await server.query(`${roles ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${literal}`);
  // Whoever is no superuser may only give something to a role that it is a member of.
  await server.query(`GRANT ${role} TO CURRENT_USER`);
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}

function keptPasswords(file: string, names: string[]): Record<string, string> {
  keptFile(file, () => '{}', { secret: true });
  const passwords = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  for (const name of names) passwords[name] ??= randomBytes(24).toString('hex');
  writeWhole(file, prettyJson(passwords), { secret: true });
  return passwords;
}
