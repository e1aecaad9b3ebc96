import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { extname, join } from 'node:path';

import { until } from '../../../../test/integration/until';

/** How Node runs a submitter: built beside this file when this file is built, otherwise from its TypeScript. */
const program =
  extname(__filename) === '.js'
    ? { preloads: [], main: join(__dirname, '../main.js') }
    : {
        preloads: [join(__dirname, '../../../../test/integration/typescript-register.cjs')],
        main: join(__dirname, '../main.ts'),
      };

/** A submitter as a process of its own, to be killed. */
export class SubmitterProcess {
  private child: ChildProcess | undefined;

  /** @param preloads modules that are loaded before its own code */
  constructor(
    private readonly env: Record<string, string>,
    readonly logFile: string,
    readonly url: string,
    private readonly preloads: readonly string[] = [],
  ) {}

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const child = this.spawn();
    await until(async () => {
      if (child.exitCode !== null)
        throw new Error(`the submitter ended with ${child.exitCode}, see ${this.logFile}`);
      return this.isReady();
    }, 60_000);
  }

  /** Begins to start it. */
  spawn(): ChildProcess {
    const output = openSync(this.logFile, 'a');
    const preloads = [...program.preloads, ...this.preloads].flatMap((module) => ['--require', module]);
    const child = spawn(process.execPath, [...preloads, program.main], {
      env: { PATH: process.env['PATH'], ...this.env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.child = child;
    return child;
  }

  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(2_000);
    return (await fetch(`${this.url}/readyz`, { signal }).catch(() => undefined))?.status === 200;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
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
    if (child === undefined || !this.isRunning) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
