import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { auditorEnvironment } from './running-auditor';

const ROOT = resolve(__dirname, '../../../..');

/** An auditor in a process of its own, which can be killed. */
export class AuditorProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'quorate-auditor-'));
  private readonly child: ChildProcess;

  constructor(settings: { brokers: string; databaseUrl: string; topicPrefix: string }) {
    const register = join(ROOT, 'test/integration/typescript-register.cjs');
    this.child = spawn(process.execPath, ['--require', register, join(ROOT, 'apps/auditor/src/main.ts')], {
      env: {
        ...auditorEnvironment(settings, this.folder),
        PATH: process.env['PATH'],
        QUORATE_PARENT_WATCH: '1',
      },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  /** Ends it at once, without any chance to finish something. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}
