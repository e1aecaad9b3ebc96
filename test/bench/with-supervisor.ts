import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StackFolders, stackFolders } from '../../deploy/embedded/files/stack-folders';
import { LogFile } from '../../deploy/embedded/processes/log-file';
import { ProcessGuard } from '../../deploy/embedded/processes/process-guard';
import { Supervisor } from '../../deploy/embedded/processes/supervisor';
import { type Progress, terminalProgress } from '../../deploy/embedded/terminal/progress';

/** What starts and ends the parts of a measurement. */
export interface Supervised {
  readonly folders: StackFolders;
  readonly progress: Progress;
  readonly guard: ProcessGuard;
  readonly supervisor: Supervisor;
  /** Of the part that is measured. */
  readonly log: LogFile;
}

/**
 * A temporary folder and what runs there, for the time of `use`; nothing of it stays.
 * @param measured name of the part whose last words are shown when `use` fails
 */
export async function withSupervisor<T>(
  measured: string,
  use: (supervised: Supervised) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  const folders = stackFolders(folder);
  const progress = terminalProgress();
  const guard = await ProcessGuard.start();
  const supervisor = new Supervisor(guard, folders.logs, (text) => progress.note(text));
  const log = new LogFile(folders.logs, measured);
  try {
    return await use({ folders, progress, guard, supervisor, log });
  } catch (error) {
    progress.note(log.tail(20));
    throw error;
  } finally {
    await supervisor.stop();
    await guard.release();
    rmSync(folder, { recursive: true, force: true });
  }
}
