/** A submitter process that is started again whenever it ends, as a supervisor or Kubernetes would. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type SubmitterProcess } from '../../../../apps/tx-submitter/src/testing/submitter-process';

const RESTART_MS = 200;

/** How a process ended without being asked to. */
export interface Ending {
  readonly submitter: string;
  readonly how: string;
}

export interface SubmitterFiles {
  /** The failpoint at which it is to kill itself; absent when there is none. */
  readonly failpoint: string;
  /** Milliseconds by which its clock is wrong. */
  readonly clock: string;
}

export class SupervisedSubmitter {
  /** Times it was killed, from inside or outside. */
  kills = 0;
  private wanted = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly process: SubmitterProcess,
    private readonly files: SubmitterFiles,
    private readonly onEnding: (ending: Ending) => void,
  ) {}

  get logFile(): string {
    return this.process.logFile;
  }

  get url(): string {
    return this.process.url;
  }

  start(): void {
    this.wanted = true;
    this.running = this.keepRunning();
  }

  isReady(): Promise<boolean> {
    return this.process.isReady();
  }

  /** kill -9; it comes back. */
  async kill(): Promise<void> {
    await this.process.kill();
  }

  /** SIGTERM; it comes back. */
  async restart(): Promise<void> {
    await this.process.stop();
  }

  async freeze(milliseconds: number): Promise<void> {
    this.process.freeze();
    await delay(milliseconds);
    this.process.thaw();
  }

  /** It kills itself at the n-th time from now that it comes by this point. */
  arm(failpoint: { at: string; match: string; nth: number }): void {
    writeFileSync(this.files.failpoint, JSON.stringify(failpoint));
  }

  disarm(): void {
    rmSync(this.files.failpoint, { force: true });
  }

  setClock(offsetMs: number): void {
    writeFileSync(this.files.clock, String(offsetMs));
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.wanted = false;
    this.process.thaw();
    await this.process.stop();
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    while (this.wanted) {
      const child = this.process.spawn();
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      if (signal === 'SIGKILL') this.kills += 1;
      else if (code !== 0)
        this.onEnding({ submitter: this.name, how: `it ended with status ${code ?? signal}` });
      if (this.wanted) await delay(RESTART_MS);
    }
  }
}
