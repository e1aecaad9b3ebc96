// npm run check: everything that a reviewer would ask a machine for. All checks run, also after one failed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareProject, root } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
} catch (error) {
  failWith(error);
}

const tool = (name, bin) => {
  const { bin: bins } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return join('node_modules', name, typeof bins === 'string' ? bins : bins[bin]);
};

const checks = [
  ['types', tool('typescript', 'tsc'), '--noEmit', '-p', 'tsconfig.json'],
  ['types of the page', tool('typescript', 'tsc'), '-p', 'apps/auditor/page/tsconfig.json'],
  ['lint', tool('eslint', 'eslint'), '.'],
  ['format', tool('prettier', 'prettier'), '--check', '--log-level', 'warn', '.'],
  ['architecture', tool('dependency-cruiser', 'depcruise'), 'apps', 'libs', 'deploy', 'scripts', 'test'],
  ['kernel', 'scripts/build-kernel.mjs', '--check'],
  ['threat table', 'scripts/check-threats.mjs'],
  ['generated documents', 'dist/scripts/generate-asyncapi.js', '--check'],
];

let failures = 0;
for (const [name, program, ...args] of checks) {
  const began = performance.now();
  const code = existsSync(join(root, program)) ? await run(program, args) : 1;
  if (code !== 0) failures++;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`  ${name.padEnd(24)} ${code === 0 ? 'ok' : 'FAILED'}`.padEnd(40), `${seconds.padStart(5)} s`);
}
process.exitCode = failures > 0 ? 1 : 0;

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
