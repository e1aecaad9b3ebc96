import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../files/project-root';

/** In which order things end: services before the infrastructure they use. */
export type Stage = 'service' | 'infrastructure';

/** Something the guard must end when this process is gone. */
export interface WatchedProcess {
  pid: number;
  signal: NodeJS.Signals;
  stage: Stage;
}

/** A small process beside this one that ends our children when we are gone, even by kill -9. */
export class ProcessGuard {
  private readonly watched = new Map<number, WatchedProcess>();
  private readonly files = new Set<string>();
  private readonly waiting: (() => void)[] = [];
  private released = false;
  private child: ChildProcess | undefined;

  /** Starts the guard; should somebody end it, it is started again with all it has to watch. */
  static async start(): Promise<ProcessGuard> {
    const guard = new ProcessGuard();
    await guard.launch();
    return guard;
  }

  /** The guard lives until the stack's last process has ended. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves once the guard has noted the process. */
  watch(watched: WatchedProcess): Promise<void> {
    this.watched.set(watched.pid, watched);
    return this.tell({ watch: watched });
  }

  forget(pid: number): Promise<void> {
    this.watched.delete(pid);
    return this.tell({ forget: pid });
  }

  /** A file or folder to remove when the parent vanishes. */
  removeAtEnd(path: string): Promise<void> {
    this.files.add(path);
    return this.tell({ remove: path });
  }

  /** Everything ended in order: nothing is left to guard. */
  async release(): Promise<void> {
    this.released = true;
    await this.tell({ release: true });
    this.child?.stdin?.end();
  }

  private async launch(): Promise<void> {
    const script = join(projectRoot(), 'deploy/embedded/processes/guard-main.mjs');
    // Detached: Ctrl-C in the terminal must not reach it before its work is done.
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    await once(child, 'spawn');
    createInterface({ input: child.stdout }).on('line', () => this.waiting.shift()?.());
    child.stdin.on('error', () => undefined);
    child.once('exit', () => {
      for (const resolve of this.waiting.splice(0)) resolve();
      this.child = undefined;
      if (!this.released) void this.relaunch();
    });
    child.unref();
    this.child = child;
  }

  private async relaunch(): Promise<void> {
    await this.launch();
    await Promise.all([
      ...[...this.watched.values()].map((watched) => this.tell({ watch: watched })),
      ...[...this.files].map((path) => this.tell({ remove: path })),
    ]);
  }

  private tell(command: object): Promise<void> {
    const stdin = this.child?.stdin;
    if (!stdin) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      stdin.write(`${JSON.stringify(command)}\n`);
    });
  }
}
