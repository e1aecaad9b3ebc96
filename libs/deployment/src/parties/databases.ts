import { type DeploymentFile } from './deployment-file';

/** The database of a node, or of what all coordinators (`coordinator`), submitters or auditors (`audit`) share. */
export function databaseName(owner: string): string {
  return `quorate_${owner.replaceAll('-', '_')}`;
}

/** The role that owns the tables of a database; the role that the service works with is named as the database. */
export function ownerRole(database: string): string {
  return `${database}_owner`;
}

/** The services that use a database, by its name. */
export function serviceDatabases({
  coordinators,
  nodes,
  submitters,
  auditors,
}: Pick<DeploymentFile, 'nodes' | 'coordinators' | 'submitters' | 'auditors'>): Map<string, string[]> {
  return new Map([
    [databaseName('coordinator'), coordinators],
    ...nodes.map((kid): [string, string[]] => [databaseName(kid), [kid]]),
    [databaseName('submitter'), submitters],
    [databaseName('audit'), auditors],
  ]);
}
