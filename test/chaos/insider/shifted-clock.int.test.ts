import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../../deploy/embedded/files/project-root';

/** Answers each line of its input with its clock: in both forms, in this thread and in another one. */
const PROGRAM = `
  const { Worker } = require('node:worker_threads');
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => parentPort.postMessage(Date.now()))",
    { eval: true });
  require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
    worker.once('message', (thread) => console.log(JSON.stringify({
      thread, now: Date.now(), made: new Date().getTime(), given: new Date(7).getTime(), isDate: new Date() instanceof Date,
    })));
    worker.postMessage('');
  }).on('close', () => process.exit());
`;
const HOUR_MS = 3_600_000;

let folder: string;
let child: ChildProcess | undefined;
beforeAll(() => {
  spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: projectRoot(), stdio: 'inherit' });
  folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
}, 300_000);
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('sets the clock of a running process and of its threads', async () => {
  const file = join(folder, 'clock');
  const preload = join(projectRoot(), 'dist', 'test', 'chaos', 'insider', 'shifted-clock.js');
  const running = spawn(process.execPath, ['-e', PROGRAM], {
    env: { ...process.env, NODE_OPTIONS: `--require ${preload}`, CHAOS_CLOCK_FILE: file },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child = running;
  const lines = createInterface({ input: running.stdout });
  /** How many hours each clock is off. */
  const ask = async () => {
    running.stdin.write('\n');
    const [line] = (await once(lines, 'line')) as [string];
    const { thread, now, made, given, isDate } = JSON.parse(line) as Record<string, number>;
    expect({ given, isDate }).toEqual({ given: 7, isDate: true });
    return [thread, now, made].map((time) => Math.round(((time ?? 0) - Date.now()) / HOUR_MS) + 0);
  };
  const set = async (hours: number) => {
    writeFileSync(file, String(hours * HOUR_MS));
    // The file is read again after 10 ms.
    while ((await ask()).some((off) => off !== hours));
  };
  expect(await ask()).toEqual([0, 0, 0]);
  await set(2);
  await set(-3);
  await set(0);
}, 30_000);
