import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../deploy/embedded/files/project-root';

/**
 * Three runs of four kinds each, among them kill -9 at a failpoint, uncertain and refused sends, wrong heads and receipts,
 * reorganisations, foreign nonces, a fee spike, an outage, and signers that lie and refuse.
 */
const KINDS = [
  ...['kill-at-point', 'uncertain-sends', 'reorg', 'lying-signers'],
  ...['freeze', 'refused-sends', 'foreign-nonce', 'wrong-head'],
  ...['fee-spike', 'outage', 'refusing-signers', 'no-receipts'],
];
const RUNS = 3;
const INTENTS = 180;

interface Report {
  runs: number;
  intents: number;
  outcomes: Record<string, number>;
  faults: Record<string, number>;
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
  const size = ['--seeds', String(RUNS), '--intents', String(INTENTS), '--faults', '5'];
  const options = [...size, '--kinds', KINDS.join(','), '--report', report];
  const campaign = spawn(process.execPath, [main, 'submitter', ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(campaign, 'exit');
  const { runs, intents, outcomes, faults, endings, violated } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as Report;
  expect(violated).toEqual([]);
  expect(endings).toEqual([]);
  expect({ runs, intents }).toEqual({ runs: RUNS, intents: RUNS * INTENTS });
  expect(Object.keys(faults).length).toBeGreaterThanOrEqual(8);
  expect(outcomes['finalized']).toBeGreaterThan(400);
});
