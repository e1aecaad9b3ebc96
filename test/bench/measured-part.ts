import { type LogFile } from '../../deploy/embedded/processes/log-file';
import { type Part } from '../../deploy/embedded/processes/part';
import { PartProcess } from '../../deploy/embedded/processes/part-process';
import { type ProcessGuard } from '../../deploy/embedded/processes/process-guard';
import { until } from '../../deploy/embedded/processes/until';

const STOP_MS = 12_000;

/** The service that is measured: started, stopped and killed by whoever measures, and not by a supervisor. */
export class MeasuredPart {
  private running: PartProcess | undefined;

  constructor(
    private readonly part: Part,
    private readonly guard: ProcessGuard,
    private readonly log: LogFile,
  ) {}

  /** Its pid of now, by its name, as `cpuSeconds` takes it; nothing before the first start. */
  get pids(): Record<string, { pid: number }> {
    return this.running === undefined ? {} : { [this.part.name]: { pid: this.running.pid } };
  }

  /** Resolves when it is ready. @throws Error with the end of its log when it ends before that */
  async start(): Promise<void> {
    const running = await PartProcess.start(this.part, await this.part.command(), this.guard, this.log);
    this.running = running;
    await until(this.part.name, () => this.part.probe(), {
      timeoutMs: this.part.readyTimeoutMs,
      abandoned: () => running.ending && new Error(`${this.part.name} ended:\n${this.log.tail(20)}`),
    });
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.running?.kill();
    await this.running?.ended;
  }

  async stop(): Promise<void> {
    await this.running?.stop(STOP_MS);
  }
}
