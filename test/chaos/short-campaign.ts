import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../deploy/embedded/files/project-root';

/** Runs `npm run test:chaos -- ARGUMENTS` in a process of its own, from a fresh build; resolves with its report. */
export async function shortCampaign(args: readonly string[]): Promise<unknown> {
  const build = join(projectRoot(), 'scripts', 'build.mjs');
  const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' });
  expect(status).toBe(0);
  const folder = mkdtempSync(join(tmpdir(), 'quorate-chaos-report-'));
  try {
    const report = join(folder, 'report.json');
    const main = join(projectRoot(), 'dist', 'test', 'chaos', 'main.js');
    const campaign = spawn(process.execPath, [main, ...args, '--report', report], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(campaign, 'exit');
    return JSON.parse(readFileSync(report, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
