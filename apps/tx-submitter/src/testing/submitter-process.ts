import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';

import { until } from './until';

/** A submitter as a process of its own, to be killed. */
export class SubmitterProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly env: Record<string, string>,
    private readonly logFile: string,
    readonly url: string,
  ) {}

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const output = openSync(this.logFile, 'a');
    const register = join(__dirname, '../../../../test/integration/typescript-register.cjs');
    const child = spawn(process.execPath, ['--require', register, join(__dirname, '../main.ts')], {
      env: { PATH: process.env['PATH'], ...this.env },
      stdio: ['ignore', output, output],
    });
    this.child = child;
    await until(async () => {
      if (child.exitCode !== null)
        throw new Error(`the submitter ended with ${child.exitCode}, see ${this.logFile}`);
      return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.status === 200;
    }, 60_000);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** SIGSTOP; SIGCONT ends it. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
