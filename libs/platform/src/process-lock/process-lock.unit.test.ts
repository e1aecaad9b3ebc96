import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isProcessAlive, withProcessLock } from './process-lock';

const ROOT = join(__dirname, '../../../..');
jest.setTimeout(30_000);

describe('a lock of one process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-lock-'));
  const lock = join(folder, 'lock');
  const busy = (holder: number): Error => new Error(`process ${holder} is at it`);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });

  afterAll(async () => {
    other.kill('SIGKILL');
    await once(other, 'exit');
    rmSync(folder, { recursive: true });
  });
  afterEach(() => rmSync(lock, { recursive: true, force: true }));

  /** As a process that was killed does. */
  function leave(name: string): void {
    mkdirSync(lock);
    writeFileSync(join(lock, name), '');
  }

  it('is held while the work runs, whatever comes of it', async () => {
    const work = withProcessLock(lock, busy, async () => {
      expect(readdirSync(lock)).toEqual([String(process.pid)]);
      expect(statSync(lock).mode & 0o777).toBe(0o700);
      throw new Error('no luck');
    });
    await expect(work).rejects.toThrow('no luck');
    expect(existsSync(lock)).toBe(false);
  });

  it('is refused while another process has it, and stays with that', async () => {
    leave(String(other.pid));
    const use = jest.fn();
    await expect(withProcessLock(lock, busy, use)).rejects.toThrow(`process ${other.pid} is at it`);
    expect(use).not.toHaveBeenCalled();
    expect(readdirSync(lock)).toEqual([String(other.pid)]);
  });

  it('is refused while this process has it, and stays with that', async () => {
    await withProcessLock(lock, busy, async () => {
      await expect(withProcessLock(lock, busy, async () => 'done')).rejects.toThrow(
        `process ${process.pid} is`,
      );
      expect(readdirSync(lock)).toEqual([String(process.pid)]);
    });
    await expect(withProcessLock(lock, busy, async () => 'done')).resolves.toBe('done');
  });

  it.each(['0', '-1', 'nonsense', '999999999', String(process.pid)])(
    'is taken over from what nobody has: "%s"',
    async (left) => {
      leave(left);
      await expect(withProcessLock(lock, busy, async () => 'done')).resolves.toBe('done');
      expect(existsSync(lock)).toBe(false);
    },
  );

  it('is had by one at a time of many that want it, next to what dead ones left', async () => {
    const script = ['--require', join(ROOT, 'test/integration/typescript-register.cjs')];
    const contender = join(ROOT, 'libs/platform/src/testing/lock-contender.ts');
    const contenders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [...script, contender, lock, join(folder, 'work')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const met = await Promise.all(contenders.map(({ stdout }) => text(stdout)));
    expect(met).toEqual(['0', '0', '0', '0']);
  });

  it('sees a process of another user', () => {
    const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    });
    expect(isProcessAlive(1)).toBe(true);
    kill.mockRestore();
    expect(isProcessAlive(other.pid ?? 0)).toBe(true);
    expect(isProcessAlive(999_999_999)).toBe(false);
  });
});
