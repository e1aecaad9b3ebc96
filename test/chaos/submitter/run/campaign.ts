import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Violation } from '../../oracle/violations';
import { Random } from '../../random';
import { type Durations, durationsOf, faultsOf, sum } from '../../run/tally';
import { type Ending } from '../bench/supervised-submitter';
import { closeBench, openBench, type SubmitterBench } from '../bench/submitter-bench';
import { faultKinds } from '../faults/catalogue';
import { quickKinds, type SubmitterChaosOptions } from '../options';
import { type RunResult, SeedRun } from './seed-run';

/** A run that broke a promise, with what is needed to look into it. */
export interface ViolatedRun {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly timeline: RunResult['timeline'];
  /** The folder of the bench: logs/ and data/. */
  readonly folder: string;
  readonly command: string;
}

export interface CampaignResult {
  readonly runs: number;
  readonly intents: number;
  readonly seconds: number;
  /** Times each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly replacements: number;
  readonly fillers: number;
  readonly kills: number;
  /** Submitters that ended by themselves, and how. */
  readonly endings: readonly Ending[];
  /** Milliseconds of a run, from its first record to the oracle's verdict. */
  readonly durations: Durations;
  readonly violated: readonly ViolatedRun[];
}

/** Runs one seed after the other on one bench; a bench on which a promise was broken is replaced. */
export class SubmitterCampaign {
  private readonly results: RunResult[] = [];
  private readonly violated: ViolatedRun[] = [];
  private readonly endings: Ending[] = [];
  private kills = 0;
  private opening: Promise<SubmitterBench> | undefined;
  private bench: SubmitterBench | undefined;
  private folder = '';
  private runsOnBench = 0;
  private readonly began = performance.now();

  constructor(
    private readonly options: SubmitterChaosOptions,
    private readonly report: (text: string) => void,
  ) {}

  async run(): Promise<CampaignResult> {
    const { seed, seeds } = this.options;
    try {
      for (let next = seed; next < seed + seeds; next += 1) await this.runSeed(next);
    } finally {
      await this.closeBench(this.options.keep);
    }
    return this.result();
  }

  /** The result so far. */
  result(): CampaignResult {
    const outcomes = sum(this.results.map((run) => run.outcomes));
    return {
      runs: this.results.length,
      intents: Object.values(outcomes).reduce((total, count) => total + count, 0),
      seconds: Math.round((performance.now() - this.began) / 1000),
      faults: faultsOf(this.results),
      outcomes,
      replacements: this.results.reduce((total, run) => total + run.replacements, 0),
      fillers: this.results.reduce((total, run) => total + run.fillers, 0),
      kills: this.kills + killsOf(this.bench),
      endings: [...this.endings, ...(this.bench?.endings ?? [])],
      durations: durationsOf(this.results),
      violated: this.violated,
    };
  }

  /** Ends everything at once, for Ctrl-C. */
  async stop(): Promise<void> {
    await this.opening?.catch(() => undefined);
    await this.closeBench(this.options.keep);
  }

  private async runSeed(seed: number): Promise<void> {
    const bench = await this.openBench(seed);
    this.runsOnBench += 1;
    const { intents, lanes, faults, kinds } = this.options;
    const chosen = faultKinds.filter(({ name }) => kinds.includes(name));
    const run = new SeedRun(bench, seed, this.runsOnBench, { intents, lanes, faults, kinds: chosen });
    const result = await run.run();
    this.results.push(result);
    this.tell(result);
    if (result.violations.length === 0) return;
    const { violations, timeline } = result;
    this.violated.push({ seed, violations, timeline, folder: this.folder, command: this.commandOf(seed) });
    await this.closeBench(true);
  }

  private async openBench(seed: number): Promise<SubmitterBench> {
    if (this.bench === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), 'quorate-submitter-chaos-'));
      this.opening = openBench(this.folder, new Random(seed));
      this.bench = await this.opening;
      this.runsOnBench = 0;
    }
    return this.bench;
  }

  private async closeBench(keep: boolean): Promise<void> {
    const { bench } = this;
    this.bench = undefined;
    if (bench !== undefined) {
      this.kills += killsOf(bench);
      this.endings.push(...bench.endings);
      await closeBench(bench);
    }
    if (!keep && this.folder !== '') rmSync(this.folder, { recursive: true, force: true });
  }

  private tell({
    seed,
    milliseconds,
    timeline,
    outcomes,
    replacements,
    fillers,
    violations,
  }: RunResult): void {
    const faults =
      [...new Set(timeline.flatMap(({ kind }) => (kind ? [kind] : [])))].join(', ') || 'no fault';
    const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    const made = `${replacements} replacements, ${fillers} fillers`;
    const end = `${(milliseconds / 1000).toFixed(1)} s${violations.length > 0 ? '  VIOLATED' : ''}`;
    this.report(`seed ${seed}: ${faults}; ${counts.join(', ')}; ${made}; ${end}`);
    if (violations.length === 0) return;
    for (const { at, what } of timeline) this.report(`    ${String(at).padStart(6)} ms  ${what}`);
    for (const { check, evidence } of violations) this.report(`  ! ${check}: ${evidence}`);
    this.report(`  folder ${this.folder}\n  again  ${this.commandOf(seed)}`);
  }

  private commandOf(seed: number): string {
    const { intents, lanes, faults, kinds } = this.options;
    const size = `--intents ${intents} --lanes ${lanes} --faults ${faults}`;
    const which = kinds === quickKinds ? '' : ` --kinds ${kinds.join(',') || 'none'}`;
    return `npm run test:chaos -- submitter --seeds 1 --seed ${seed} ${size}${which}`;
  }
}

function killsOf(bench: SubmitterBench | undefined): number {
  return bench?.submitters.reduce((total, { kills }) => total + kills, 0) ?? 0;
}
