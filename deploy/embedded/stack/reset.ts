import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type StackFolders } from '../files/stack-folders';
import { StartFailure } from '../terminal/start-failure';
import { runningStack } from './stack-lock';

/**
 * Removes data, logs and run files of an embedded stack. Topics and databases on a Kafka or Postgres of the user's
 * own are not touched.
 * @throws StartFailure while the stack runs
 */
export function resetStack(folders: StackFolders): void {
  const running = runningStack(folders);
  if (running !== undefined) {
    throw new StartFailure(
      'running',
      `the stack is running (process ${running})`,
      `stop it first: kill ${running}`,
    );
  }
  const elsewhere = join(folders.data, 'postgres', 'elsewhere');
  if (existsSync(elsewhere)) {
    const cluster = readFileSync(elsewhere, 'utf8');
    rmSync(cluster, { recursive: true, force: true });
    rmSync(`${cluster}.complete`, { force: true });
  }
  for (const folder of [folders.data, folders.run, folders.logs])
    rmSync(folder, { recursive: true, force: true });
}
