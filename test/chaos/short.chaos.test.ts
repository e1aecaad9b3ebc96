import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../deploy/embedded/files/project-root';

/** Among their faults: kills, a partition, a changed record, a frozen and a silent node, a refresh while faults strike. */
const SEEDS = ['--seed', '1', '--seeds', '3'];

interface Report {
  runs: number;
  outcomes: Record<string, number>;
  violated: { seed: number; violations: unknown[]; folder: string }[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-chaos-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
jest.setTimeout(600_000);

it('keeps every promise through the faults of three seeds', async () => {
  const { status } = spawnSync(process.execPath, [join(projectRoot(), 'scripts', 'build.mjs')], {
    stdio: 'inherit',
  });
  expect(status).toBe(0);
  const report = join(folder, 'report.json');
  const main = join(projectRoot(), 'dist', 'test', 'chaos', 'main.js');
  const campaign = spawn(process.execPath, [main, ...SEEDS, '--report', report], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(campaign, 'exit');
  const { runs, outcomes, violated } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  expect(violated).toEqual([]);
  expect(runs).toBe(3);
  expect(outcomes['completed']).toBeGreaterThan(30);
});
