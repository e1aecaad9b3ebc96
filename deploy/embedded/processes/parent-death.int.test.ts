import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../files/project-root';
import { allGone, exists } from '../testing/processes';

/** Starts Kafka, Postgres and the chain as `npm start` does, and prints their pids. */
const PARENT = `
  const { startInfrastructureOnly } = require('./dist/deploy/embedded/parts/infrastructure-only.js');
  const { stackFolders } = require('./dist/deploy/embedded/files/stack-folders.js');
  startInfrastructureOnly(stackFolders(process.argv[1])).then(({ supervisor }) => {
    console.log(JSON.stringify(supervisor.running.map(({ pid }) => pid)));
  });
`;

describe('when the parent is killed', () => {
  let folder: string;
  beforeAll(() => {
    spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: projectRoot(), stdio: 'inherit' });
    folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves no process behind after kill -9', async () => {
    const parent = spawn(process.execPath, ['-e', PARENT, folder], {
      cwd: projectRoot(),
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], JAVA_HOME: process.env['JAVA_HOME'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(3);
    expect(pids.every(exists)).toBe(true);

    parent.kill('SIGKILL');
    await allGone(pids, 20_000);
  }, 90_000);
});
