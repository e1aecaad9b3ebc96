import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, StartFailure } from '../terminal/start-failure';
import { LogFile } from './log-file';
import { type Part } from './part';
import { describeEnding, PartProcess } from './part-process';
import { type ProcessGuard } from './process-guard';
import { until } from './until';

const RESTART_AFTER_MS = 1000;
const STOP_GRACE_MS = { service: 12_000, infrastructure: 15_000 };
const FIRST_START_ATTEMPTS = 3;
const CRASH_LOOP = { endings: 4, withinMs: 60_000 };
const TAIL_LINES = 15;

/** How a part stands; `starting` also between its end and its next start. */
export type PartState = 'starting' | 'ready' | 'stopped';

/** A part as people see it. */
export interface PartStatus {
  name: string;
  state: PartState;
  /** Null while none runs. */
  pid: number | null;
  /** Since when it is in this state, ISO 8601. */
  since: string;
  /** How often it was started again after its end. */
  restarts: number;
}

interface Supervised {
  part: Part;
  log: LogFile;
  state: PartState;
  since: Date;
  restarts: number;
  /** Somebody stopped it: it is not started again until somebody wants it. */
  isHeld: boolean;
  spawning?: Promise<PartProcess>;
  process?: PartProcess;
  watching?: Promise<void>;
  /** The last order of `startPart` and `stopPart`: they take turns. */
  order: Promise<void>;
  /** When it ended on its own account, not by a signal from outside. */
  failures: number[];
}

/** Starts parts, restarts after 1 s the ones that die, and stops them all in order. */
export class Supervisor {
  private readonly supervised = new Map<string, Supervised>();
  private stopping = false;

  /**
   * @param logs folder of the parts' log files
   * @param report receives what the user should know, in words
   * @param fit changes a part before its first start
   */
  constructor(
    private readonly guard: ProcessGuard,
    private readonly logs: string,
    private readonly report: (text: string) => void,
    private readonly onChange: () => void = () => undefined,
    private readonly fit: (part: Part) => Part = (part) => part,
  ) {}

  /** All parts that were started, in that order, each with the pid of its last process. */
  get started(): { part: Part; pid: number; isHeld: boolean }[] {
    return [...this.supervised.values()].flatMap(({ part, process, isHeld }) =>
      process ? [{ part, pid: process.pid, isHeld }] : [],
    );
  }

  /** All parts, in the order of their first start. */
  get parts(): PartStatus[] {
    return [...this.supervised.values()].map(({ part, state, since, restarts, process }) => ({
      name: part.name,
      state,
      pid: process === undefined || process.ending ? null : process.pid,
      since: since.toISOString(),
      restarts,
    }));
  }

  /** The parts whose process is alive at this moment. */
  get running(): { part: Part; pid: number }[] {
    return this.started.filter(({ part }) => !this.supervised.get(part.name)?.process?.ending);
  }

  /**
   * Starts the part and waits until it is ready.
   * @throws StartFailure with its last log lines when it ends three times, or is not ready in time
   */
  async start(given: Part): Promise<void> {
    const part = this.fit(given);
    const entry: Supervised = {
      part,
      log: new LogFile(this.logs, part.name),
      ...{ state: 'starting', since: new Date(), restarts: 0, isHeld: false, failures: [] },
      order: Promise.resolve(),
    };
    this.supervised.set(part.name, entry);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.launch(entry);
        break;
      } catch (error) {
        if (this.stopping || attempt === FIRST_START_ATTEMPTS || !entry.process?.ending) {
          throw new StartFailure('part-failed', this.failureText(entry, messageOf(error)));
        }
        await delay(RESTART_AFTER_MS);
      }
    }
    entry.watching = this.watch(entry);
  }

  /**
   * Ends one part in good order; it stays stopped until `startPart`.
   * @throws StartFailure for a name that no part has
   */
  stopPart(name: string): Promise<void> {
    return this.inTurn(this.entryOf(name), async (entry) => {
      entry.isHeld = true;
      await Promise.allSettled([entry.spawning]);
      await entry.process?.stop(STOP_GRACE_MS[entry.part.stage]);
      await entry.watching;
      this.enter(entry, 'stopped');
      this.onChange();
    });
  }

  /**
   * Starts a part that was stopped, and waits until it is ready; does nothing to one that runs.
   * @throws StartFailure for a name that no part has, and with its last log lines when it does not get ready: it is
   *   tried again like every part
   */
  startPart(name: string): Promise<void> {
    return this.inTurn(this.entryOf(name), async (entry) => {
      if (!entry.isHeld || this.stopping) return;
      entry.isHeld = false;
      try {
        await this.launch(entry);
      } catch (error) {
        throw new StartFailure('part-failed', this.failureText(entry, messageOf(error)));
      } finally {
        entry.watching = this.watch(entry);
      }
    });
  }

  /** Stops services first, then what they use. Nothing is left afterwards. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled([...this.supervised.values()].map(async ({ spawning }) => spawning));
    for (const stage of ['service', 'infrastructure'] as const) {
      const ofStage = [...this.supervised.values()].filter(({ part }) => part.stage === stage);
      await Promise.all(ofStage.map(async ({ process }) => process?.stop(STOP_GRACE_MS[stage])));
    }
  }

  /** Ends everything at once, without order. */
  kill(): void {
    this.stopping = true;
    for (const { process } of this.supervised.values()) process?.kill();
  }

  private entryOf(name: string): Supervised {
    const entry = this.supervised.get(name);
    if (entry !== undefined) return entry;
    throw new StartFailure(
      'no-such-part',
      `no part is named ${name}`,
      [...this.supervised.keys()].join(', '),
    );
  }

  private inTurn(entry: Supervised, order: (entry: Supervised) => Promise<void>): Promise<void> {
    const done = entry.order.then(() => order(entry));
    entry.order = done.catch(() => undefined);
    return done;
  }

  private enter(entry: Supervised, state: PartState): void {
    entry.state = state;
    entry.since = new Date();
  }

  private async launch(entry: Supervised): Promise<void> {
    const { part } = entry;
    this.enter(entry, 'starting');
    entry.spawning = this.spawn(entry);
    const running = await entry.spawning;
    this.onChange();
    await until(part.name, () => part.probe(), {
      timeoutMs: part.readyTimeoutMs,
      abandoned: () =>
        running.ending &&
        new Error(`${part.name} ended before it was ready (${describeEnding(running.ending)})`),
    });
    this.enter(entry, 'ready');
  }

  private async spawn(entry: Supervised): Promise<PartProcess> {
    const command = await entry.part.command();
    if (this.stopping || entry.isHeld) {
      throw new StartFailure('stopped', `${entry.part.name}: the start was stopped`);
    }
    entry.process = await PartProcess.start(entry.part, command, this.guard, entry.log);
    return entry.process;
  }

  private async watch(entry: Supervised): Promise<void> {
    for (;;) {
      const ending = await entry.process?.ended;
      if (this.stopping || entry.isHeld || !ending) return;
      this.enter(entry, 'starting');
      entry.restarts += 1;
      this.report(`${entry.part.name} ended (${describeEnding(ending)}), starting it again in 1 s`);
      this.noteFailure(entry, ending.signal === null);
      await delay(RESTART_AFTER_MS);
      if (this.stopping || entry.isHeld) return;
      const began = performance.now();
      try {
        await this.launch(entry);
        this.report(
          `${entry.part.name} is ready again after ${((performance.now() - began) / 1000).toFixed(1)} s`,
        );
      } catch (error) {
        if (!entry.process?.ending && !this.stopping && !entry.isHeld) this.report(messageOf(error));
      }
    }
  }

  private noteFailure(entry: Supervised, onItsOwn: boolean): void {
    if (!onItsOwn) return;
    const now = Date.now();
    entry.failures = [...entry.failures.filter((at) => now - at < CRASH_LOOP.withinMs), now];
    if (entry.failures.length !== CRASH_LOOP.endings) return;
    entry.failures = [];
    this.report(
      this.failureText(entry, `${entry.part.name} ended ${CRASH_LOOP.endings} times within a minute`),
    );
  }

  private failureText({ log }: Supervised, summary: string): string {
    return `${summary}\nlast lines of ${log.path}:\n${log.tail(TAIL_LINES).replace(/^/gm, '    ')}`;
  }
}
