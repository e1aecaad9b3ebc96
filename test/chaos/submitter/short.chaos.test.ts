import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../deploy/embedded/files/project-root';

/** All of them strike in the three runs from this seed on; one is a kill right after intents were committed (K2). */
const KINDS =
  'kill,kill-at-point,freeze,uncertain-sends,refused-sends,wrong-head,outage,fee-spike,reorg,foreign-nonce,' +
  'lying-signers,refusing-signers,late-after-cancel';
const RUNS = 3;
const INTENTS = 180;
const OPTIONS = `--seed 3 --seeds ${RUNS} --intents ${INTENTS} --faults 5 --kinds ${KINDS}`.split(' ');

interface Report {
  runs: number;
  intents: number;
  outcomes: Record<string, number>;
  faults: Record<string, number>;
  kills: number;
  endings: unknown[];
  violated: { seed: number; violations: unknown[]; folder: string }[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-chaos-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
jest.setTimeout(600_000);

it('executes every intent once, or never when it says so, through the faults of three runs', async () => {
  const { status } = spawnSync(process.execPath, [join(projectRoot(), 'scripts', 'build.mjs')], {
    stdio: 'inherit',
  });
  expect(status).toBe(0);
  const report = join(folder, 'report.json');
  const main = join(projectRoot(), 'dist', 'test', 'chaos', 'main.js');
  const campaign = spawn(process.execPath, [main, 'submitter', ...OPTIONS, '--report', report], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(campaign, 'exit');
  const { runs, intents, outcomes, faults, kills, endings, violated } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as Report;
  expect(violated).toEqual([]);
  expect(endings).toEqual([]);
  expect({ runs, intents }).toEqual({ runs: RUNS, intents: RUNS * INTENTS });
  expect(Object.keys(faults).sort()).toEqual(KINDS.split(',').sort());
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(outcomes['finalized']).toBeGreaterThan(400);
});
