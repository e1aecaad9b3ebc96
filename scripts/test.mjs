// npm test: installs and builds what is missing, then runs unit, integration, end-to-end and (a few) chaos tests one after the
// other, and those of the containers where a Docker engine has their images (QUORATE_TEST_BACKEND: containers, embedded).
//   npm test                          everything
//   npm test -- unit int [jest args]  only these projects
// The last line says "N passed, N failed"; the exit status is 1 when something failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './bootstrap/chromium.mjs';
import { prepareProject, root } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

const PROJECTS = ['unit', 'int', 'e2e', 'chaos', 'containers'];
/** Processes side by side. Unit tests compute; integration tests mostly wait, for one Kafka and one Postgres. Others own the machine. */
const WORKERS = { unit: '100%', int: 3, e2e: 1, chaos: 1, containers: 1 };
/** How long jest may take to end after its report. */
const LEFT_OPEN_LIMIT_MS = 20_000;
/** How long Node may take to write down what is open. */
const REPORT_LIMIT_MS = 5000;
const args = process.argv.slice(2);
const chosen = args.filter((arg) => PROJECTS.includes(arg));
const jestArgs = args.filter((arg) => !PROJECTS.includes(arg));

let chromium;
try {
  await prepareProject();
  if (chosen.length === 0 || chosen.includes('int')) chromium = await ensureChromium(root);
} catch (error) {
  failWith(error);
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const project of chosen.length > 0 ? chosen : PROJECTS) {
  const { passed, failed, skipped } = await runProject(project);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
if (total.skipped > 0) console.log(`\n${total.skipped} SKIPPED`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runProject(project) {
  console.log(`\n== ${project} tests`);
  if (project === 'containers' && !(await hasContainers())) return { passed: 0, failed: 0, skipped: 0 };
  const folder = join(root, '.quorate', 'test');
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${project}.json`);
  rmSync(report, { force: true });
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const workers = ['--maxWorkers', String(WORKERS[project])];
  const options = [
    '--selectProjects',
    project,
    '--passWithNoTests',
    '--json',
    '--outputFile',
    report,
    ...workers,
  ];
  const code = await new Promise((resolve, reject) => {
    // jest's --json prints the report on stdout as well: only stderr is for people.
    const child = spawn(
      process.execPath,
      [...openHandlesReport(folder, project), jest, ...options, ...jestArgs],
      {
        cwd: root,
        stdio: ['inherit', 'ignore', 'inherit'],
        env: {
          ...process.env,
          NODE_OPTIONS: withoutExperimentalWarning(),
          ...(chromium && { CHROMIUM_PATH: chromium }),
        },
      },
    );
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    let limit;
    const watch = setInterval(() => {
      if (!existsSync(report)) return;
      clearInterval(watch);
      limit = setTimeout(() => {
        console.error(`\nA ${project} test left something open: jest is ended.`);
        child.kill('SIGUSR2');
        limit = setTimeout(() => {
          console.error(openHandles(folder, project));
          child.kill('SIGKILL');
        }, REPORT_LIMIT_MS);
      }, LEFT_OPEN_LIMIT_MS);
    }, 1000);
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      if (signal === 'SIGUSR2')
        console.error('It had run all of its code: Node waits for a handle that never closes.');
      clearInterval(watch);
      // Or it would speak up while the next project runs.
      clearTimeout(limit);
      resolve(exitCode ?? 1);
    });
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = result.numPendingTests + result.numTodoTests;
  const brokenSuites = result.numRuntimeErrorTestSuites;
  const forbiddenSkips = process.env.QUORATE_NO_SKIP === '1' ? skipped : 0;
  const failed = result.numFailedTests + brokenSuites + forbiddenSkips;
  return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

/** Whether there is a Docker engine to use; says why there is none. */
async function hasContainers() {
  const { testBackend } = await import(join(root, 'dist/deploy/containers/test-backend.js'));
  if ((await testBackend((text) => console.log(`  ${text}`))) === 'containers') return true;
  console.log('  not run');
  return false;
}

/** Node's diagnostic report, at a signal: https://nodejs.org/docs/latest-v20.x/api/report.html */
function openHandlesReport(folder, project) {
  return ['--report-on-signal', '--report-directory', folder, '--report-filename', `${project}-open.json`];
}

/** What keeps jest from ending, as its diagnostic report says: active handles, threads, and where it is. */
function openHandles(folder, project) {
  const file = join(folder, `${project}-open.json`);
  if (!existsSync(file)) return 'It did not say what.';
  const { libuv, workers, javascriptStack } = JSON.parse(readFileSync(file, 'utf8'));
  const handles = libuv
    .filter(({ is_active: active, is_referenced: referenced }) => active && referenced)
    .map(({ address: _, is_active: _a, is_referenced: _r, ...handle }) => JSON.stringify(handle));
  return [...handles, `${workers.length} threads`, ...javascriptStack.stack].join('\n');
}

/** Node says on every require of an ES module that this is experimental. */
function withoutExperimentalWarning() {
  return [process.env.NODE_OPTIONS, '--disable-warning=ExperimentalWarning'].filter(Boolean).join(' ');
}
