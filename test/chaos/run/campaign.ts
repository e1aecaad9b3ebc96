import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChaosOptions } from '../options';
import { type Violation } from '../oracle/violations';
import { Random } from '../random';
import { Arena } from './arena';
import { type RunResult, SeedRun } from './seed-run';
import { type Durations, durationsOf, faultsOf, sum } from './tally';

/** A run that broke a promise, with what is needed to look into it. */
export interface ViolatedRun {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly timeline: RunResult['timeline'];
  /** The folder of the stack: logs/ and data/. */
  readonly folder: string;
  readonly command: string;
}

export interface CampaignResult {
  readonly runs: number;
  readonly seconds: number;
  /** Times each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly answersToForged: Readonly<Record<string, number>>;
  /** Milliseconds of a run, from its first record to the oracle's verdict. */
  readonly durations: Durations;
  /** Highest resident memory by process, MiB. */
  readonly memory: Readonly<Record<string, number>>;
  readonly violated: readonly ViolatedRun[];
}

/** Runs one seed after the other on one stack; a stack on which a promise was broken is replaced. */
export class Campaign {
  private readonly results: RunResult[] = [];
  private readonly violated: ViolatedRun[] = [];
  private readonly memory = new Map<string, number>();
  private arena: Arena | undefined;
  private folder = '';
  private readonly began = performance.now();

  constructor(
    private readonly options: ChaosOptions,
    private readonly report: (text: string) => void,
  ) {}

  async run(): Promise<CampaignResult> {
    const { seed, seeds } = this.options;
    try {
      for (let next = seed; next < seed + seeds; next++) await this.runSeed(next);
    } finally {
      await this.closeArena(this.options.keep);
    }
    return this.result();
  }

  /** The result so far. */
  result(): CampaignResult {
    return {
      runs: this.results.length,
      seconds: Math.round((performance.now() - this.began) / 1000),
      faults: faultsOf(this.results),
      outcomes: sum(this.results.map(({ outcomes }) => outcomes)),
      answersToForged: sum(this.results.map(({ answersToForged }) => answersToForged)),
      durations: durationsOf(this.results),
      memory: Object.fromEntries([...this.memory].sort()),
      violated: this.violated,
    };
  }

  /** Ends everything at once, for Ctrl-C. */
  async stop(): Promise<void> {
    await this.closeArena(true);
  }

  private async runSeed(seed: number): Promise<void> {
    const arena = await this.openArena(seed);
    const before = arena.violations.all.length;
    const { faults, requests, intents } = this.options;
    const result = await new SeedRun(seed, arena, faults, { requests, intents }).run();
    this.results.push(result);
    for (const [name, mib] of Object.entries(arena.memory.peaks))
      this.memory.set(name, Math.max(mib, this.memory.get(name) ?? 0));
    const violations = arena.violations.all.slice(before);
    this.tell(result, violations);
    if (violations.length === 0) return;
    this.violated.push({
      seed,
      violations,
      timeline: result.timeline,
      folder: this.folder,
      command: this.commandOf(seed),
    });
    await this.closeArena(true);
  }

  private async openArena(seed: number): Promise<Arena> {
    if (this.arena === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), 'quorate-chaos-'));
      this.arena = await Arena.open(this.folder, new Random(seed), this.report);
    }
    return this.arena;
  }

  private async closeArena(keep: boolean): Promise<void> {
    const { arena } = this;
    this.arena = undefined;
    await arena?.close();
    if (!keep && this.folder !== '') rmSync(this.folder, { recursive: true, force: true });
  }

  private tell(
    { seed, milliseconds, timeline, outcomes }: RunResult,
    violations: readonly Violation[],
  ): void {
    const faults = timeline.flatMap(({ kind }) => (kind ? [kind] : [])).join(', ') || 'no fault';
    const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    const seconds = (milliseconds / 1000).toFixed(1);
    this.report(
      `seed ${seed}: ${faults}; ${counts.join(', ')}; ${seconds} s${violations.length > 0 ? '  VIOLATED' : ''}`,
    );
    if (violations.length === 0) return;
    for (const { at, what } of timeline) this.report(`    ${String(at).padStart(6)} ms  ${what}`);
    for (const { check, evidence } of violations) this.report(`  ! ${check}: ${evidence}`);
    this.report(`  folder ${this.folder}\n  again  ${this.commandOf(seed)}`);
  }

  private commandOf(seed: number): string {
    const { faults, requests, intents } = this.options;
    const kinds = faults.length === 0 ? 'none' : faults.join(',');
    return `npm run test:chaos -- --seeds 1 --seed ${seed} --requests ${requests} --intents ${intents} --faults ${kinds}`;
  }
}
