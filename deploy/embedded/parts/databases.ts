import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseName, keptFile, newPassword, ownerRole, prettyJson, writeWhole } from '@quorate/deployment';
import { prepareServer } from '../../postgres/prepare-databases';
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
    names.flatMap((name) => [name, ownerRole(name)]),
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
    const role = (name: string) => ({ name, password: passwords[name] ?? '' });
    await prepareServer(
      serverUrl,
      names.map((name) => ({ name, runtime: role(name), owner: role(ownerRole(name)) })),
    );
  } catch (error) {
    throw new StartFailure(
      'databases',
      `the services' databases could not be created on ${new URL(serverUrl).host}: ${messageOf(error)}`,
      'DATABASE_URL must name a role with CREATEDB and CREATEROLE (or a superuser)',
    );
  }
  return { runtime: urls((database) => database), owners: urls(ownerRole), server: serverUrl };
}

function keptPasswords(file: string, names: string[]): Record<string, string> {
  keptFile(file, () => '{}', { secret: true });
  const passwords = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  for (const name of names) passwords[name] ??= newPassword();
  writeWhole(file, prettyJson(passwords), { secret: true });
  return passwords;
}
