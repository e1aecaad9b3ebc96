import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Invalid } from '@quorate/platform';
import { type FileAccess, keptFile } from '../files/whole-file';
import { ownerRole } from '../parties/databases';
import { type ServiceFiles } from './layout';

const PASSWORD_BYTES = 24;

/** A random password that needs no escaping anywhere. */
export function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('hex');
}

/**
 * Sees to the URLs of a database in the folders of all services that share it.
 * @param host HOST:PORT
 * @param files of the services whose folders are here; `isElsewhere` when there are others
 * @throws Invalid `database-url` when those who have the URL are elsewhere
 */
export function keptDatabaseUrls(
  database: string,
  host: string,
  services: { files: readonly ServiceFiles[]; isElsewhere: boolean },
  access: FileAccess,
): void {
  const roles: [keyof ServiceFiles & ('database' | 'databaseMigration'), string][] = [
    ['database', database],
    ['databaseMigration', ownerRole(database)],
  ];
  for (const [name, role] of roles) {
    const known = services.files.map((files) => files[name]).find((file) => existsSync(file));
    if (known === undefined && services.isElsewhere) {
      throw new Invalid(
        'database-url',
        `the URL of ${database} is in a folder that is not here: put back the one of another service that uses it`,
      );
    }
    const url =
      known === undefined
        ? `postgres://${role}:${newPassword()}@${host}/${database}`
        : readFileSync(known, 'utf8');
    for (const files of services.files) keptFile(files[name], () => url, { ...access, secret: true });
  }
}
