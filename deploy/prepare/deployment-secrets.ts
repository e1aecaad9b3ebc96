import { existsSync, readFileSync } from 'node:fs';
import { type DeploymentFile, type DeploymentLayout, OPERATOR, serviceDatabases } from '@quorate/deployment';
import { Invalid } from '@quorate/platform';
import { type DatabaseRole, type ServiceDatabase } from '../postgres/prepare-databases';

/** What the parties of a folder log in with, and whose folders are not here. */
export interface DeploymentSecrets {
  /** For Kafka, by kid. */
  passwords: Map<string, string>;
  databases: ServiceDatabase[];
  elsewhere: string[];
}

/** @throws Invalid for files that cannot be read, or say different things of one database */
export function deploymentSecrets(layout: DeploymentLayout, deployment: DeploymentFile): DeploymentSecrets {
  const { nodes, coordinators, submitters, auditors, clients } = deployment;
  const parties: [string, string][] = [
    ...[...coordinators, ...nodes, ...submitters, ...auditors].map((kid): [string, string] => [
      ...([kid, layout.service(kid).kafkaPassword] as const),
    ]),
    [OPERATOR, layout.operator.kafkaPassword],
    ...clients.map((kid): [string, string] => [kid, layout.client(kid).kafkaPassword]),
  ];
  const here = parties.filter(([, file]) => existsSync(file));
  const databases = [...serviceDatabases(deployment)].flatMap(([name, kids]) => {
    const present = kids.map((kid) => layout.service(kid)).filter(({ database }) => existsSync(database));
    const runtime = oneRole(
      name,
      present.map(({ database }) => database),
    );
    const owner = oneRole(
      name,
      present.map(({ databaseMigration }) => databaseMigration),
    );
    return runtime === undefined || owner === undefined ? [] : [{ name, runtime, owner }];
  });
  return {
    passwords: new Map(here.map(([kid, file]) => [kid, secret(file)])),
    databases,
    elsewhere: parties.flatMap(([kid, file]) => (existsSync(file) ? [] : [kid])),
  };
}

/** The role of the URLs in these files, which services share. */
function oneRole(database: string, files: readonly string[]): DatabaseRole | undefined {
  const [first, ...others] = files.map((file) => ({ file, role: roleOf(file, database) }));
  for (const { file, role } of others) {
    if (role.name === first?.role.name && role.password === first.role.password) continue;
    throw new Invalid('database-url', `${file} and ${first?.file} log in to ${database} differently`);
  }
  return first?.role;
}

function roleOf(file: string, database: string): DatabaseRole {
  const text = secret(file);
  // The cause would quote the URL.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username === '' || url.password === '' || url.pathname !== `/${database}`) {
    throw new Invalid(
      'database-url',
      `${file} is no URL of the database ${database} with a role and its password`,
    );
  }
  return { name: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

function secret(file: string): string {
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new Invalid('secret', `${file} is empty`);
  return text;
}
