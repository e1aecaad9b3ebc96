import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StackFolders, stackFolders } from '../files/stack-folders';
import { ProcessGuard } from '../processes/process-guard';
import { Supervisor } from '../processes/supervisor';

/** Folders and a supervisor of a test's own. */
export interface TemporaryStack {
  folders: StackFolders;
  supervisor: Supervisor;
  /** What the user would have been told. */
  notes: string[];
  /** The pid of the one part that runs. */
  pid(): number;
  end(): Promise<void>;
}

export async function temporaryStack(): Promise<TemporaryStack> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
  const folders = stackFolders(folder);
  const notes: string[] = [];
  const guard = await ProcessGuard.start();
  const supervisor = new Supervisor(guard, folders.logs, (text) => notes.push(text));
  const end = async () => {
    await supervisor.stop();
    await guard.release();
    rmSync(folder, { recursive: true, force: true });
  };
  const pid = () => {
    const [only] = supervisor.running;
    if (!only) throw new Error('nothing runs');
    return only.pid;
  };
  return { folders, supervisor, notes, pid, end };
}
