import { type LogFile } from '../../deploy/embedded/processes/log-file';
import { type Part } from '../../deploy/embedded/processes/part';
import { PartProcess } from '../../deploy/embedded/processes/part-process';
import { type ProcessGuard } from '../../deploy/embedded/processes/process-guard';
import { until } from '../../deploy/embedded/processes/until';

const STOP_MS = 12_000;

/** The service that is measured: started, stopped and killed by whoever measures, and not by a supervisor. */
export class MeasuredPart {
  private launched: Promise<PartProcess> | undefined;
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
    this.launched = this.launch();
    const running = await this.launched;
    this.running = running;
    await until(this.part.name, () => this.part.probe(), {
      timeoutMs: this.part.readyTimeoutMs,
      abandoned: () => running.ending && new Error(`${this.part.name} ended:\n${this.log.tail(20)}`),
    });
  }

  /** Ends it as a power cut does, also while it starts. */
  async kill(): Promise<void> {
    const launched = await this.latest();
    launched?.kill();
    await launched?.ended;
  }

  async stop(): Promise<void> {
    await (await this.latest())?.stop(STOP_MS);
  }

  /** Whoever started it learns why it did not start. */
  private async latest(): Promise<PartProcess | undefined> {
    return this.launched?.catch(() => undefined);
  }

  private async launch(): Promise<PartProcess> {
    return PartProcess.start(this.part, await this.part.command(), this.guard, this.log);
  }
}
