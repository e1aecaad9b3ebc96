import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive, withProcessLock } from './process-lock';

describe('a lock of one process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-lock-'));
  const file = join(folder, 'lock');
  const busy = (holder: number): Error => new Error(`process ${holder} is at it`);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });

  afterAll(async () => {
    other.kill('SIGKILL');
    await once(other, 'exit');
    rmSync(folder, { recursive: true });
  });
  afterEach(() => rmSync(file, { force: true }));

  it('is held while the work runs, whatever comes of it', async () => {
    const work = withProcessLock(file, busy, async () => {
      expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
      expect(statSync(file).mode & 0o777).toBe(0o600);
      throw new Error('no luck');
    });
    await expect(work).rejects.toThrow('no luck');
    expect(existsSync(file)).toBe(false);
  });

  it('is refused while another process has it, and stays with that', async () => {
    writeFileSync(file, String(other.pid));
    await expect(withProcessLock(file, busy, async () => 'done')).rejects.toThrow(
      `process ${other.pid} is at it`,
    );
    expect(readFileSync(file, 'utf8')).toBe(String(other.pid));
  });

  it.each(['0', '-1', '', 'nonsense', '999999999', String(process.pid)])(
    'is taken over from what nobody has: "%s"',
    async (left) => {
      writeFileSync(file, left);
      await expect(withProcessLock(file, busy, async () => 'done')).resolves.toBe('done');
    },
  );

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
