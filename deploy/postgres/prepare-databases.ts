import { Client } from 'pg';

/** A role of the server, and what it logs in with. */
export interface DatabaseRole {
  name: string;
  password: string;
}

/** One service's database: the role that the service works with, and the one to which the database and its tables belong. */
export interface ServiceDatabase {
  name: string;
  runtime: DatabaseRole;
  owner: DatabaseRole;
}

/**
 * Creates databases and roles where they are missing, and sets the roles' passwords. No role gets into a database of another
 * service. What belonged to the only role of a service in an earlier version is its owner's afterwards.
 * @param serverUrl a role that may create roles and databases
 */
export async function prepareServer(serverUrl: string, databases: readonly ServiceDatabase[]): Promise<void> {
  await withClient(serverUrl, async (server) => {
    for (const database of databases) await prepareDatabase(server, serverUrl, database);
  });
}

async function prepareDatabase(
  server: Client,
  serverUrl: string,
  { name, runtime, owner }: ServiceDatabase,
): Promise<void> {
  for (const role of [runtime, owner]) await prepareRole(server, role);
  const quoted = (text: string) => server.escapeIdentifier(text);
  const { rows } = await server.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [name],
  );
  const [database] = rows;
  if (database === undefined) {
    await server.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(owner.name)}`);
  } else if (database.owner !== owner.name) {
    const own = new URL(serverUrl);
    own.pathname = `/${name}`;
    // The database and all that is in it, in one statement.
    await withClient(own.toString(), (client) =>
      client.query(`REASSIGN OWNED BY ${quoted(runtime.name)} TO ${quoted(owner.name)}`),
    );
  }
  await server.query(`REVOKE ALL ON DATABASE ${quoted(name)} FROM PUBLIC`);
  await server.query(`GRANT CONNECT ON DATABASE ${quoted(name)} TO ${quoted(runtime.name)}`);
}

async function prepareRole(server: Client, { name, password }: DatabaseRole): Promise<void> {
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
