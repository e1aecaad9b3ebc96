import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** A process to be killed by a test: runs a script of this folder through the same compiler as the tests. */
export class Child {
  private readonly lines: string[] = [];
  private readonly exited: Promise<void>;

  private constructor(private readonly process: ChildProcess) {
    if (process.stdout !== null) createInterface(process.stdout).on('line', (line) => this.lines.push(line));
    this.exited = new Promise((resolve) => process.once('exit', () => resolve()));
  }

  static start(script: string, args: string[]): Child {
    const register = join(__dirname, 'register-swc.cjs');
    const child = spawn(process.execPath, ['-r', register, join(__dirname, script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new Child(child);
  }

  /** Resolves when the process has printed the line. */
  async printed(line: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!this.lines.includes(line)) {
      if (Date.now() > deadline || this.process.exitCode !== null)
        throw new Error(`The child did not print ${line}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** kill -9, as often as one likes. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}
