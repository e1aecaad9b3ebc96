import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StackFolders, stackFolders } from '../files/stack-folders';
import { silentProgress } from '../terminal/progress';
import { resetStack } from './reset';
import { assertNotRunning, holdLock, releaseLock } from './stack-lock';

describe('a data folder', () => {
  let folders: StackFolders;
  beforeEach(() => {
    folders = stackFolders(mkdtempSync(join(tmpdir(), 'quorate-test-')));
    writeFileSync(join(folders.data, 'something'), '');
  });
  afterEach(() => rmSync(folders.root, { recursive: true, force: true }));

  it('is used by one stack at a time, and not forgotten meanwhile', async () => {
    holdLock(folders, process.pid);
    await expect(assertNotRunning(folders, silentProgress)).rejects.toThrow(
      `an embedded stack runs already on ${folders.root} (process ${process.pid})`,
    );
    expect(() => resetStack(folders)).toThrow(`the stack is running (process ${process.pid})`);
    expect(existsSync(join(folders.data, 'something'))).toBe(true);

    releaseLock(folders);
    await assertNotRunning(folders, silentProgress);
  });

  it('is forgotten by reset', () => {
    resetStack(folders);
    expect(existsSync(folders.data)).toBe(false);
  });
});
