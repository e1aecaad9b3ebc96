import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { type LogFile } from './log-file';
import { type Command, type Part } from './part';
import { type ProcessGuard } from './process-guard';

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One run of a part's process. Its pid is that of the real program, not of a wrapper. */
export class PartProcess {
  readonly ended: Promise<Ending>;
  ending: Ending | undefined;

  private constructor(
    private readonly part: Part,
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.ending = { code, signal };
        resolve(this.ending);
      });
    });
  }

  /**
   * Starts the part behind a gate: a shell waits for one line and then becomes the program (same pid).
   * The line is sent once the guard knows the pid, so a parent killed in between leaves nothing.
   */
  static async start(part: Part, command: Command, guard: ProcessGuard, log: LogFile): Promise<PartProcess> {
    const { file, args, env, cwd, user } = command;
    const output = log.open();
    const child = spawn('/bin/sh', ['-c', 'read -r go && exec "$0" "$@"', file, ...args], {
      env,
      ...(cwd ? { cwd } : {}),
      ...(user ?? {}),
      stdio: ['pipe', output, output],
      // Its own process group: Ctrl-C reaches only the parent, which stops things in order.
      detached: true,
    });
    closeSync(output);
    await once(child, 'spawn');
    const { pid } = child;
    if (pid === undefined) throw new Error(`${part.name} has no pid`);
    const running = new PartProcess(part, child, pid);
    // The pipe stays open as long as this process lives: services end when it closes.
    child.stdin?.on('error', () => undefined);
    await guard.watch({ pid, signal: part.stopSignal, stage: part.stage });
    child.stdin?.write('go\n');
    void running.ended.then(() => guard.forget(pid));
    return running;
  }

  /** Asks it to end, and insists after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    if (this.ending) return;
    this.child.kill(this.part.stopSignal);
    const insist = setTimeout(() => this.kill(), graceMs);
    await this.ended;
    clearTimeout(insist);
  }

  kill(): void {
    if (this.ending) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It ended by itself a moment ago.
    }
  }
}

/** "exit code 1" or "killed by SIGKILL". */
export function describeEnding({ code, signal }: Ending): string {
  return signal ? `killed by ${signal}` : `exit code ${code ?? 'unknown'}`;
}
