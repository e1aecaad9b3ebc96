import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type AuditorSettings, auditorEnvironment } from './running-auditor';

const ROOT = resolve(__dirname, '../../../..');

/** What the rebuild tool said at its end. */
export interface RebuildAnswer {
  logs?: { log: number; size: number }[];
  root?: string;
  error?: { code: string; message: string };
}

/** The rebuild tool in a process of its own, into the database of the settings. */
export class RebuildProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'quorate-rebuild-'));
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private readonly output: Promise<string>;

  constructor(settings: AuditorSettings, ...args: string[]) {
    const register = join(ROOT, 'test/integration/typescript-register.cjs');
    const main = join(ROOT, 'apps/auditor/src/rebuild/main.ts');
    const child = spawn(process.execPath, ['--require', register, main, ...args], {
      env: {
        ...auditorEnvironment(settings, this.folder),
        REBUILD_DATABASE_URL: settings.databaseUrl,
        PATH: process.env['PATH'],
        QUORATE_PARENT_WATCH: '1',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child = child;
    this.exited = once(child, 'exit');
    this.output = text(child.stdout);
  }

  /** Its last word. */
  async answer(): Promise<RebuildAnswer> {
    const lines = (await this.output).trim().split('\n');
    await this.end();
    return JSON.parse(lines.at(-1) ?? '') as RebuildAnswer;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.end();
  }

  private async end(): Promise<void> {
    await this.exited;
    rmSync(this.folder, { recursive: true });
  }
}
